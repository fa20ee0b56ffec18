#include "libs/client/leader_election.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "libs/api/codec/json_text.hpp"
#include "libs/api/codec/view.hpp"
#include "libs/api/views/node.hpp"
#include "libs/base/deadline.hpp"
#include "libs/client/event_recorder.hpp"

namespace kubeloop::client {
namespace {

using nlohmann::json;

// What giving the lease back may take at a stop, and then the event about it.
constexpr Duration kReleaseLimit = std::chrono::seconds(2);
constexpr Duration kLastEventLimit = std::chrono::seconds(1);

ApiClient named(const ApiClient& client) {
  ClientIdentity identity = client.identity();
  identity.actor += "/leader-election";
  return client.as(std::move(identity));
}

ElectionRecord record_of(const api::Lease& lease) {
  ElectionRecord record;
  record.holder = lease.spec.holderIdentity;
  record.duration_seconds = std::clamp<std::int64_t>(lease.spec.leaseDurationSeconds.value_or(0), 0, INT32_MAX);
  record.acquired = lease.spec.acquireTime;
  record.renewed = lease.spec.renewTime;
  record.transitions = lease.spec.leaseTransitions.value_or(0);
  return record;
}

// Changes what is the election's in the document that was read, and nothing else.
std::string with_record(const std::string& document, const ElectionRecord& record, const LeaderElectionOptions& own) {
  json lease = document.empty() ? json::object() : json::parse(document, nullptr, false);
  if (!lease.is_object()) lease = json::object();
  lease["apiVersion"] = api::kLeases.api_version();
  lease["kind"] = std::string(api::kLeases.kind);
  auto& metadata = lease["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  metadata["name"] = own.lease_name;
  metadata["namespace"] = own.lease_namespace;
  auto& spec = lease["spec"];
  if (!spec.is_object()) spec = json::object();
  spec["holderIdentity"] = record.holder;
  spec["leaseDurationSeconds"] = record.duration_seconds;
  spec["acquireTime"] = record.acquired;
  spec["renewTime"] = record.renewed;
  spec["leaseTransitions"] = record.transitions;
  return api::json_text(lease);
}

}  // namespace

struct LeaderElector::State {
  State(Env e, const ApiClient& c, LeaderElectionOptions o)
      : env(std::move(e)),
        client(named(c)),
        options(std::move(o)),
        tasks(env, TaskGroup::OnException::kEnd),
        events(env.child("events"), tasks, client, options.event_source, "") {}

  Env env;
  ApiClient client;
  LeaderElectionOptions options;
  TaskGroup tasks;
  EventRecorder events;
  ElectionView view;
  std::string document;  // the lease as last read or written; "" = none
  api::Lease lease;      // the same, for the events
  bool is_lost = false;
  bool may_hold = false;  // a write was sent; its answer may not have come
  bool is_stopping = false;
  std::uint64_t slow_paths = 0;

  std::string lease_path() const { return options.lease_namespace + "/" + options.lease_name; }
  bool is_leading() const { return !is_lost && view.leads_until && env.clock.now() < *view.leads_until; }

  // Time for one request: a leader's never goes beyond the moment at which it must have stopped.
  Duration limit() const {
    Duration most = request_limit(options.timing);
    return view.leads_until ? std::min(most, *view.leads_until - env.clock.now()) : most;
  }

  void say(const char* what) {
    api::ObjectReference about;
    about.kind = api::kLeases.kind;
    about.apiVersion = api::kLeases.api_version();
    about.namespace_ = options.lease_namespace;
    about.name = options.lease_name;
    about.uid = lease.metadata.uid;
    about.resourceVersion = lease.metadata.resourceVersion;
    events.event(about, "Normal", "LeaderElection", options.identity + " " + what, Cause(lease.metadata.revision()));
  }

  // Keeps the document; false when it is no lease.
  bool take(std::string text) {
    auto decoded = api::decode_view<api::Lease>(text);
    if (!decoded) return false;
    lease = std::move(*decoded);
    document = std::move(text);
    return true;
  }

  // GET. False when the lease could not be read.
  awaitable<bool> look(Duration most) {
    auto request = client.get(api::kLeases, options.lease_namespace, options.lease_name, Cause());
    auto answer = co_await with_deadline(env, most, std::move(request));
    if (answer && *answer) {
      if (!take(std::move(**answer))) co_return false;
      view = after_read(std::move(view), record_of(lease), env.clock.now());
      co_return true;
    }
    if (answer && answer->error().code == 404) {
      document.clear();
      lease = api::Lease();
      view = after_read(std::move(view), std::nullopt, env.clock.now());
      co_return true;
    }
    env.log.warning("the lease {} cannot be read: {}", lease_path(), answer ? answer->error().message : "timed out");
    co_return false;
  }

  // POST, or PUT over the document that was read. True when it was accepted.
  awaitable<bool> write(ElectionRecord record, Duration most) {
    std::string body = with_record(document, record, options);
    Cause cause;
    auto request = document.empty() ? client.create(api::kLeases, options.lease_namespace, std::move(body), cause)
                                    : client.update(api::kLeases, options.lease_namespace, options.lease_name,
                                                    std::move(body), cause);
    auto answer = co_await with_deadline(env, most, std::move(request));
    if (answer && *answer && take(std::move(**answer))) co_return true;
    env.log.info("the lease {} was not written: {}", lease_path(),
                 !answer   ? "timed out"
                 : *answer ? "the answer is no lease"
                           : answer->error().message);
    co_return false;
  }

  // Writes what was decided. True when this candidate leads by it.
  awaitable<bool> claim(ElectionRecord record) {
    Instant sent = env.clock.now();
    may_hold = true;
    bool is_written = co_await write(record, limit());
    if (!is_written) co_return false;
    view = after_write(std::move(view), std::move(record), options.timing, sent, env.clock.now());
    co_return true;
  }

  ElectionDecision decide_now() const {
    return decide(view, options.identity, options.timing, env.clock.now(), env.clock.wall());
  }
  static bool is_claim(const ElectionDecision& decision) {
    return decision.kind == ElectionDecision::Kind::kAcquire || decision.kind == ElectionDecision::Kind::kRenew;
  }

  // One look, and a claim when the lease is free.
  awaitable<bool> try_to_acquire() {
    bool is_known = co_await look(limit());
    if (!is_known) co_return false;
    auto decision = decide_now();
    if (!is_claim(decision)) {
      env.log.debug("the lease {} is held by {}", lease_path(), view.record->holder);
      co_return false;
    }
    co_return co_await claim(std::move(decision.record));
  }

  // First over the document that we have, as nobody else should have written; then over what is there.
  awaitable<bool> try_to_renew() {
    auto decision = decide_now();
    if (decision.kind == ElectionDecision::Kind::kRenew) {
      bool is_renewed = co_await claim(std::move(decision.record));
      if (is_renewed) co_return true;
    }
    if (!is_leading()) co_return false;
    ++slow_paths;
    bool is_known = co_await look(limit());
    if (!is_known || !is_leading()) co_return false;
    decision = decide_now();
    if (!is_claim(decision)) co_return false;
    co_return co_await claim(std::move(decision.record));
  }

  // True when the lease was given back.
  awaitable<bool> give_back() {
    bool is_known = co_await look(kReleaseLimit);
    if (!is_known || !view.record || view.record->holder != options.identity) co_return false;
    ElectionRecord record = released(*view.record, env.clock.wall());
    co_return co_await write(std::move(record), kReleaseLimit);
  }
};

std::string make_identity(const std::string& host, Rng rng) {
  return host + "_" + rng.uuid();
}

LeaderElector::LeaderElector(Env env, const ApiClient& client, LeaderElectionOptions options)
    : state_(std::make_shared<State>(std::move(env), client, std::move(options))) {}

LeaderElector::~LeaderElector() = default;

awaitable<void> LeaderElector::acquire() {
  auto state = state_;
  state->env.log.info("attempting to acquire leader lease {} as {}", state->lease_path(), state->options.identity);
  while (true) {
    bool is_acquired = co_await state->try_to_acquire();
    if (is_acquired) break;
    Instant at = next_look(state->options.timing, state->env.clock.now(), state->env.rng);
    co_await sleep_until(state->env, at);
  }
  state->env.log.info("leading by lease {}", state->lease_path());
  state->say("became leader");
}

awaitable<void> LeaderElector::hold(TaskGroup& acting) {
  auto state = state_;
  auto& clock = state->env.clock;
  state->tasks.report_to(acting);
  while (true) {
    Instant next = std::min(clock.now() + state->options.timing.retry_period, *state->view.leads_until);
    co_await sleep_until(state->env, next);
    if (state->decide_now().kind == ElectionDecision::Kind::kLost) break;
    co_await state->env.faults.reach("before-renew");
    bool is_renewed = co_await state->try_to_renew();
    // Another's name in the lease counts at once; everything else until the deadline.
    if (!is_renewed && state->decide_now().kind == ElectionDecision::Kind::kLost) break;
  }
  state->is_lost = true;
  acting.fail(std::make_exception_ptr(LeadershipLost()));
  state->say("stopped leading");
}

awaitable<void> LeaderElector::stop() {
  auto state = state_;
  if (std::exchange(state->is_stopping, true)) {
    co_await state->tasks.join();
    co_return;
  }
  bool has_news = state->is_lost;
  if (!state->is_lost && state->may_hold) {
    bool has_led = state->view.leads_until.has_value();
    state->is_lost = true;  // from here on it does not lead, whatever becomes of the lease
    auto releasing = state->give_back();
    auto is_released = co_await with_deadline(state->env, kReleaseLimit, std::move(releasing));
    if (is_released && *is_released && has_led) {
      state->say("stopped leading");
      has_news = true;
    }
  }
  state->is_lost = true;
  if (has_news) co_await state->events.drain(kLastEventLimit);
  co_await state->tasks.stop_and_join();
}

bool LeaderElector::is_leading() const {
  return state_->is_leading();
}

const std::string& LeaderElector::identity() const {
  return state_->options.identity;
}

std::string LeaderElector::metrics() const {
  return fmt::format(
      "# HELP leader_election_master_status Whether this process leads by the lease: 0 standby, 1 leader.\n"
      "# TYPE leader_election_master_status gauge\n"
      "leader_election_master_status{{name=\"{0}\"}} {1}\n"
      "# HELP leader_election_slowpath_total Renewals that had to read the lease again.\n"
      "# TYPE leader_election_slowpath_total counter\n"
      "leader_election_slowpath_total{{name=\"{0}\"}} {2}\n",
      state_->options.lease_name, state_->is_leading() ? 1 : 0, state_->slow_paths);
}

}  // namespace kubeloop::client
