#include "libs/client/event_recorder.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"
#include "libs/api/time.hpp"
#include "libs/base/signal.hpp"
#include "libs/client/event_correlator.hpp"

namespace kubeloop::client {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxWaiting = 1000;
// An unreachable hub is tried again every 10 s, twelve times (client-go: defaultSleepDuration, maxTriesPerEvent).
constexpr Duration kRetryDelay = std::chrono::seconds(10);
constexpr int kMaxTries = 12;

struct Pending {
  EventFacts facts;
  WallTime at;
  Cause cause;
};

void set_if(json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

json reference_json(const api::ObjectReference& about) {
  json object = json::object();
  set_if(object, "apiVersion", about.apiVersion);
  set_if(object, "fieldPath", about.fieldPath);
  set_if(object, "kind", about.kind);
  set_if(object, "name", about.name);
  set_if(object, "namespace", about.namespace_);
  set_if(object, "resourceVersion", about.resourceVersion);
  set_if(object, "uid", about.uid);
  return object;
}

// A number that no two recorders share in practice: the low 16 bits belong to the source.
std::uint64_t source_mark(std::string_view component, std::string_view host) {
  std::uint32_t hash = 2166136261u;
  for (std::string_view part : {component, std::string_view("/"), host}) {
    for (char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  }
  return (hash ^ (hash >> 16)) & 0xffff;
}

}  // namespace

struct EventRecorder::State {
  State(Env e, ApiClient c, std::string comp, std::string h)
      : env(std::move(e)),
        client(std::move(c)),
        component(std::move(comp)),
        host(std::move(h)),
        mark(source_mark(component, host)) {}

  // `<object>.<hex of the time>`, the time made unique: it only grows, and its low bits name the recorder.
  std::string next_name(const std::string& object, WallTime at) {
    auto nanoseconds = static_cast<std::uint64_t>(at.time_since_epoch().count());
    last_number = std::max<std::uint64_t>((nanoseconds & ~0xffffull) | mark, last_number + 0x10000);
    return fmt::format("{}.{:x}", object, last_number);
  }

  std::string new_event(const Pending& pending, const EventVerdict& verdict, const std::string& namespace_) const {
    json metadata = json::object();
    metadata["name"] = verdict.name;
    metadata["namespace"] = namespace_;
    json source = json::object();
    set_if(source, "component", component);
    set_if(source, "host", host);
    json event = json::object();
    event["apiVersion"] = "v1";
    event["kind"] = "Event";
    event["metadata"] = std::move(metadata);
    event["involvedObject"] = reference_json(pending.facts.about);
    event["reason"] = pending.facts.reason;
    event["message"] = verdict.message;
    event["source"] = std::move(source);
    event["firstTimestamp"] = api::format_time(verdict.first);
    event["lastTimestamp"] = api::format_time(pending.at);
    event["count"] = verdict.count;
    event["type"] = pending.facts.type;
    event["eventTime"] = nullptr;
    event["reportingComponent"] = component;
    event["reportingInstance"] = host;
    return api::json_text(event);
  }

  awaitable<Result<std::string>> write(const Pending& pending, const EventVerdict& verdict) {
    std::string namespace_ = pending.facts.about.namespace_.empty() ? "default" : pending.facts.about.namespace_;
    if (verdict.is_repeat) {
      json change = json::object();
      change["count"] = verdict.count;
      change["lastTimestamp"] = api::format_time(pending.at);
      change["message"] = verdict.message;
      auto patched = co_await client.patch(api::kEvents, namespace_, verdict.name, PatchType::kStrategicMerge,
                                           api::json_text(change), pending.cause);
      // The first one has expired: it is written anew, with its count.
      if (patched || patched.error().code != 404) co_return patched;
    }
    co_return co_await client.create(api::kEvents, namespace_, new_event(pending, verdict, namespace_), pending.cause);
  }

  Env env;
  ApiClient client;
  std::string component, host;
  std::uint64_t mark;
  std::uint64_t last_number = 0;
  EventCorrelator correlator;
  std::deque<Pending> waiting;
  bool is_writing = false;
  Signal filled;
  Signal idle;
};

EventRecorder::EventRecorder(Env env, TaskGroup& tasks, ApiClient client, std::string component, std::string host)
    : state_(std::make_shared<State>(std::move(env), std::move(client), std::move(component), std::move(host))) {
  tasks.spawn("events", write_all(state_));
}

EventRecorder::~EventRecorder() = default;

void EventRecorder::event(const api::ObjectReference& about, std::string type, std::string reason, std::string message,
                          Cause cause) {
  if (state_->waiting.size() >= kMaxWaiting) {
    state_->env.log.warning("event {} about {} dropped: {} are waiting", reason, about.name, kMaxWaiting);
    return;
  }
  Pending pending;
  pending.facts.about = about;
  pending.facts.type = std::move(type);
  pending.facts.reason = std::move(reason);
  pending.facts.message = std::move(message);
  pending.at = state_->env.clock.wall();
  pending.cause = cause;
  state_->waiting.push_back(std::move(pending));
  state_->filled.notify();
}

awaitable<void> EventRecorder::drain(Duration limit) {
  auto state = state_;
  Instant deadline = state->env.clock.now() + limit;
  while ((state->is_writing || !state->waiting.empty()) && state->env.clock.now() < deadline) {
    co_await state->idle.wait_until(state->env, deadline);
  }
}

awaitable<void> EventRecorder::write_all(std::shared_ptr<State> state) {
  while (true) {
    state->is_writing = false;
    if (state->waiting.empty()) state->idle.notify();
    while (state->waiting.empty()) co_await state->filled.wait();
    state->is_writing = true;
    Pending pending = std::move(state->waiting.front());
    state->waiting.pop_front();
    std::string name = state->next_name(pending.facts.about.name, pending.at);
    EventVerdict verdict = state->correlator.observe(pending.facts, pending.at, name);
    if (verdict.is_dropped) continue;
    for (int tries = 1;; ++tries) {
      auto written = co_await state->write(pending, verdict);
      if (written) break;
      const Status& status = written.error();
      if (status.code != 503 || tries == kMaxTries) {
        state->env.log.warning("event {} about {} dropped: {}", pending.facts.reason, pending.facts.about.name,
                               status.message);
        break;
      }
      // The first wait is drawn, so that not all components come back in the same moment.
      Duration delay = kRetryDelay;
      if (tries == 1) delay = Duration(static_cast<Duration::rep>(state->env.rng.below(kRetryDelay.count())));
      co_await sleep_for(state->env, delay);
    }
  }
}

}  // namespace kubeloop::client
