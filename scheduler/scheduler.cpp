#include "scheduler/scheduler.hpp"

#include <fmt/core.h>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

#include "libs/base/planted.hpp"
#include "libs/client/task_metrics.hpp"
#include "scheduler/explain.hpp"
#include "scheduler/reserve.hpp"

namespace kubeloop::scheduler {
namespace {

client::ClientIdentity identity() {
  client::ClientIdentity who;
  who.actor = "scheduler";
  return who;
}

client::ListOptions live_pods() {
  client::ListOptions options;
  options.field_selector = "status.phase!=Succeeded,status.phase!=Failed";
  return options;
}

// The hub may answer to the same request otherwise a moment later.
bool is_worth_repeating(const Status& status) {
  return status.code == 500 || status.code == 503;
}

}  // namespace

// A pod between its decision and the hub's answer to its binding.
struct Scheduler::Binding {
  QueuedPtr queued;
  std::string node;
  CycleState state;
  Reservation reservation;
  client::Cause cause;
};

client::LeaderElectionOptions default_election() {
  client::LeaderElectionOptions election;
  election.lease_name = "kube-scheduler";
  election.event_source = "default-scheduler";
  return election;
}

Scheduler::Scheduler(Env env, http::Transport& hub, SchedulerOptions options)
    : env_(std::move(env)),
      options_(std::move(options)),
      fence_(hub, [this] { return is_leading(); }),
      client_(fence_, identity()),
      pods_(env_, client_, api::kPods, live_pods()),
      nodes_(env_, client_, api::kNodes, client::ListOptions()),
      queue_(profile_, options_.queue, env_.clock.now()),
      changes_(cache_, queue_, profile_.scheduler_name),
      events_(env_.child("events"), client_, profile_.scheduler_name, options_.host),
      tasks_(env_, TaskGroup::OnException::kEnd) {
  if (options_.election) {
    client::ApiClient unfenced(hub, identity());
    elector_.emplace(env_.child("leader-election"), unfenced, *options_.election);
  }
  watch_changes();
}

Scheduler::~Scheduler() = default;

void Scheduler::watch_changes() {
  pods_.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    changes_.on_pod(before, after, env_.clock.now(), revision);
    wake_.notify();
  });
  nodes_.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    changes_.on_node(before, after, env_.clock.now(), revision);
    wake_.notify();
  });
}

awaitable<void> Scheduler::run() {
  tasks_.spawn("nodes", nodes_.run());
  tasks_.spawn("pods", pods_.run());
  tasks_.spawn("events", events_.run());
  tasks_.spawn("schedule", lead());
  bool is_cancelled = false;
  try {
    co_await tasks_.until_stopped();
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
    is_cancelled = true;
  }
  if (!is_cancelled) co_return;
  // The tasks use this object: they must have unwound before the caller may destroy it.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await stop();
}

awaitable<void> Scheduler::stop() {
  tasks_.stop();
  co_await tasks_.join();
  if (elector_) co_await elector_->stop();
}

awaitable<void> Scheduler::lead() {
  if (elector_) {
    co_await elector_->acquire();
    tasks_.spawn("leader election", elector_->hold(tasks_));
  }
  co_await schedule_for_ever();
}

void Scheduler::spawn_write(std::string name, awaitable<void> task) {
  ++writes_;
  tasks_.spawn(std::move(name), count_down(&writes_, std::move(task)));
}

void Scheduler::spawn_note(awaitable<void> task) {
  ++notes_;
  tasks_.spawn("note", count_down(&notes_, std::move(task)));
}

awaitable<void> Scheduler::count_down(std::size_t* count, awaitable<void> task) {
  std::exception_ptr error;
  try {
    co_await std::move(task);
  } catch (...) {
    error = std::current_exception();
  }
  bool was_full = is_full();
  --*count;
  if (was_full) wake_.notify();
  if (error) std::rethrow_exception(error);
}

awaitable<void> Scheduler::schedule_for_ever() {
  co_await nodes_.wait_until_synced();
  co_await pods_.wait_until_synced();
  env_.log.info("scheduling: {} nodes, {} pods placed, {} waiting", nodes_.objects().size(), cache_.pod_count(),
                queue_.active_count());
  while (true) {
    queue_.flush(env_.clock.now());
    if (is_full()) {
      co_await wake_.wait();
      continue;
    }
    if (auto queued = queue_.pop()) {
      attempt(std::move(queued));
      co_await yield(env_);
      continue;
    }
    auto next = queue_.next_wakeup();
    if (next) {
      co_await wake_.wait_until(env_, *next);
    } else {
      co_await wake_.wait();
    }
  }
}

// True when the pod is not to be tried any more.
bool Scheduler::is_skipped(const QueuedPod& queued) {
  const auto& pod = *queued.pod->pod;
  if (cache_.is_assumed(pod.metadata.uid)) return true;
  if (pod.metadata.deletionTimestamp.empty()) return false;
  PodEvent event(pod, "Warning", "FailedScheduling", "Scheduling", "skip schedule deleting pod: " + queued.pod->key);
  client::Cause cause;
  cause.revision = pod.metadata.revision();
  events_.write(event, cause);
  return true;
}

void Scheduler::attempt(QueuedPtr queued) {
  if (is_skipped(*queued)) {
    queue_.done(queued->pod->uid());
    return;
  }
  const PodInfo& pod = *queued->pod;
  client::Cause cause;
  cause.revision = std::max(pod.pod->metadata.revision(), queued->cause_revision);
  // A stream of its own for every attempt: what is drawn for one pod does not change another's decision.
  Rng rng = env_.rng.fork(fmt::format("{}#{}", pod.key, queued->attempts));
  Verdict verdict = schedule_pod(profile_, cache_.snapshot(&queue_.nominator()), pod, rng, next_start_);
  next_start_ = verdict.next_start;
  spawn_note(post_note(explain(pod, queued->attempts, verdict), cause));
  if (verdict.outcome == Verdict::Outcome::kScheduled) {
    place(std::move(queued), std::move(verdict), cause);
    return;
  }
  queued->unschedulable_plugins = std::move(verdict.diagnosis.unschedulable_plugins);
  queued->pending_plugins = std::move(verdict.diagnosis.pending_plugins);
  FailureStatus failure;
  const bool is_error = verdict.outcome == Verdict::Outcome::kError;
  if (is_error) queued->unschedulable_plugins.clear();
  if (is_error) queued->pending_plugins.clear();
  failure.reason = is_error ? kReasonSchedulerError : kReasonUnschedulable;
  failure.message = std::move(verdict.message);
  failure.is_nomination_cleared = verdict.is_nomination_cleared;
  fail_attempt(queued, std::move(failure), cause);
}

void Scheduler::place(QueuedPtr queued, Verdict verdict, client::Cause cause) {
  auto binding = std::make_shared<Binding>();
  binding->queued = std::move(queued);
  binding->node = std::move(verdict.node);
  binding->state = std::move(verdict.state);
  binding->cause = cause;
  const auto& pod = binding->queued->pod;
  binding->reservation = cache_.assume(pod, binding->node);
  queue_.nominator().remove(pod->uid());

  auto status = run_reserve_and_permit(profile_, binding->state, *pod, binding->node);
  if (status.is_success()) {
    queue_.done(pod->uid());
    spawn_write("bind", bind(std::move(binding)));
    return;
  }
  run_unreserve(profile_, binding->state, *pod, binding->node);
  binding->reservation.release();
  FailureStatus failure;
  failure.reason = status.is_rejected() ? kReasonUnschedulable : kReasonSchedulerError;
  failure.message = status.is_rejected() ? rejected_after_choice(status) : status.message();
  failure.is_nomination_cleared = true;
  Diagnosis diagnosis;
  diagnosis.add_rejector(status);
  binding->queued->unschedulable_plugins = std::move(diagnosis.unschedulable_plugins);
  binding->queued->pending_plugins = std::move(diagnosis.pending_plugins);
  fail_attempt(binding->queued, std::move(failure), cause);
}

awaitable<Result<std::string>> Scheduler::send(ApiWrite write, client::Cause cause) {
  if (write.verb == ApiWrite::Verb::kCreate) {
    co_return co_await client_.create(write.resource, write.namespace_, write.body, cause, write.name,
                                      write.subresource);
  }
  co_return co_await client_.patch(write.resource, write.namespace_, write.name, client::PatchType::kStrategicMerge,
                                   write.body, cause, write.subresource);
}

awaitable<void> Scheduler::bind(std::shared_ptr<Binding> binding) {
  const PodInfo& pod = *binding->queued->pod;
  for (const auto& entry : profile_.pre_bind) {
    for (auto& write : entry.point->pre_bind(binding->state, pod, binding->node)) {
      auto done = co_await send(std::move(write), binding->cause);
      if (done) continue;
      auto error = done.error();
      error.message = fmt::format("running PreBind plugin \"{}\": {}", entry.plugin->name(), error.message);
      fail_binding(*binding, error);
      co_return;
    }
  }
  Status error(500, "InternalError", "no Bind plugin binds this pod");
  for (const auto& entry : profile_.bind) {
    auto write = entry.point->bind(pod, binding->node);
    if (!write) continue;
    co_await env_.faults.reach("before-bind");
    auto answer = co_await send(std::move(*write), binding->cause);
    co_await env_.faults.reach("after-bind");
    if (answer) {
      binding->reservation.commit();
      ++attempts_["scheduled"];
      PodEvent event(*pod.pod, "Normal", "Scheduled", "Binding",
                     fmt::format("Successfully assigned {} to {}", pod.key, binding->node));
      events_.write(event, binding->cause);
      env_.log.info("{} goes to {}", pod.key, binding->node);
      co_return;
    }
    error = answer.error();
    error.message = fmt::format("running Bind plugin \"{}\": {}", entry.plugin->name(), error.message);
    break;
  }
  fail_binding(*binding, error);
}

void Scheduler::fail_binding(Binding& binding, const Status& error) {
  auto queued = binding.queued;
  env_.log.warning("{} was not bound to {}: {}", queued->pod->key, binding.node, error.message);
  run_unreserve(profile_, binding.state, *queued->pod, binding.node);
  if (is_planted("scheduler-keeps-room-of-failed-binding")) binding.reservation.commit();
  binding.reservation.release();
  changes_.on_room_returned(queued->pod, env_.clock.now());
  FailureStatus failure;
  failure.reason = kReasonSchedulerError;
  failure.message = error.message;
  failure.is_nomination_cleared = true;
  fail_attempt(queued, std::move(failure), binding.cause);
}

void Scheduler::fail_attempt(const QueuedPtr& queued, FailureStatus failure, client::Cause cause) {
  ++attempts_[failure.reason == kReasonUnschedulable ? "unschedulable" : "error"];
  const std::string uid = queued->pod->uid();
  const PodPtr tried = queued->pod->pod;
  if (failure.is_nomination_cleared) queue_.nominator().remove(uid);
  auto present = pods_.find(queued->pod->key);
  if (present && present->metadata.uid != uid) {
    queue_.done(uid);  // another pod of that name: nothing to tell about this one
    return;
  }
  const bool is_pending = present && present->spec.nodeName.empty() && !present->is_terminal();
  if (is_pending) {
    if (present != tried) queued->pod = make_pod_info(present);
    queue_.put_back(queued, env_.clock.now());
  } else {
    queue_.done(uid);
  }
  wake_.notify();
  env_.log.debug("{} has no node: {}", queued->pod->key, failure.message);
  events_.write(PodEvent(*tried, "Warning", "FailedScheduling", "Scheduling", failure.message), cause);
  // A pod that somebody else has bound, or that is gone, keeps its status.
  if (!is_pending) return;
  if (auto patch = failure_patch(*present, failure, env_.clock.wall())) {
    spawn_write("status", write_status(present, std::move(*patch), cause));
  }
}

awaitable<void> Scheduler::write_status(PodPtr pod, std::string patch, client::Cause cause) {
  constexpr int kMaxTries = 4;
  Duration delay = std::chrono::milliseconds(10);
  const auto& meta = pod->metadata;
  for (int tries = 1; tries <= kMaxTries; ++tries) {
    auto answer = co_await client_.patch(api::kPods, meta.namespace_, meta.name, client::PatchType::kStrategicMerge,
                                         patch, cause, "status");
    if (answer) co_return;
    const bool is_final = tries == kMaxTries || !is_worth_repeating(answer.error());
    if (is_final) {
      env_.log.warning("status of {}/{} not written: {}", meta.namespace_, meta.name, answer.error().message);
      co_return;
    }
    co_await sleep_for(env_, delay);
    delay *= 5;
  }
}

awaitable<void> Scheduler::post_note(std::string note, client::Cause cause) {
  auto answer = co_await client_.raw("POST", "/kubeloop/v1/flow", "application/json", std::move(note), cause);
  if (!answer) env_.log.debug("the hub did not take a note: {}", answer.error().message);
}

std::string Scheduler::metrics() const {
  std::string text =
      "# HELP scheduler_schedule_attempts_total Attempts to schedule pods, by result.\n"
      "# TYPE scheduler_schedule_attempts_total counter\n";
  for (const auto& [result, count] : attempts_) {
    text += fmt::format("scheduler_schedule_attempts_total{{profile=\"{}\",result=\"{}\"}} {}\n",
                        profile_.scheduler_name, result, count);
  }
  text += "# HELP scheduler_pending_pods Pods that wait for a node, by queue.\n# TYPE scheduler_pending_pods gauge\n";
  auto pending = [&](std::string_view queue, std::size_t count) {
    text += fmt::format("scheduler_pending_pods{{queue=\"{}\"}} {}\n", queue, count);
  };
  pending("active", queue_.active_count());
  pending("backoff", queue_.backoff_count());
  pending("gated", queue_.gated_count());
  pending("unschedulable", queue_.unschedulable_count());
  text += "# HELP scheduler_cache_size Objects in the scheduler's cache.\n# TYPE scheduler_cache_size gauge\n";
  auto cached = [&](std::string_view type, std::size_t count) {
    text += fmt::format("scheduler_cache_size{{type=\"{}\"}} {}\n", type, count);
  };
  cached("assumed_pods", cache_.assumed_count());
  cached("nodes", cache_.nodes().size());
  cached("pods", cache_.pod_count());
  text += fmt::format(
      "# HELP kubeloop_scheduler_requests_in_flight Writes and notes on their way to the API server.\n"
      "# TYPE kubeloop_scheduler_requests_in_flight gauge\n"
      "kubeloop_scheduler_requests_in_flight{{kind=\"note\"}} {}\n"
      "kubeloop_scheduler_requests_in_flight{{kind=\"write\"}} {}\n",
      notes_, writes_);
  text += client::task_failures_text(tasks_);
  if (elector_) text += elector_->metrics();
  return text;
}

}  // namespace kubeloop::scheduler
