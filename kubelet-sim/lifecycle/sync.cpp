#include <fmt/format.h>

#include <algorithm>

#include "kubelet-sim/lifecycle/phase.hpp"
#include "kubelet-sim/lifecycle/pod_status.hpp"
#include "kubelet-sim/lifecycle/stepper.hpp"
#include "kubelet-sim/runtime/durations.hpp"
#include "kubelet-sim/runtime/image.hpp"

namespace kubeloop::kubelet_sim {
namespace {

constexpr Duration kDefaultGrace = 30s;

Duration grace_of(const api::PodSpec& spec) {
  return spec.terminationGracePeriodSeconds ? Duration(std::chrono::seconds(*spec.terminationGracePeriodSeconds))
                                            : kDefaultGrace;
}

// The kubelet's rule when the API server has not filled it in: Always for latest, else IfNotPresent.
std::string pull_policy(const api::Container& container) {
  if (!container.imagePullPolicy.empty()) return container.imagePullPolicy;
  return image_tag(container.image) == "latest" ? "Always" : "IfNotPresent";
}

WaitingReason waiting(std::string reason, std::string message) {
  WaitingReason result;
  result.reason = std::move(reason);
  result.message = std::move(message);
  return result;
}

}  // namespace

void Stepper::begin_sync() {
  has_synced_ = true;
  state_.was_synced = true;
  state_.is_syncing = true;
  state_.is_sync_asked = false;
  state_.has_acted = false;
  state_.requeue_after = std::nullopt;
  state_.next_sync = std::nullopt;
  state_.synced_generation = pod_.metadata.generation;
  notice_containers();
  auto status = make_status(state_, seen_, false);
  bool is_over = is_terminal_phase(pod_phase(pod_.spec, status.initContainerStatuses, status.containerStatuses, false));
  write_status(std::move(status));
  if (is_over) {
    begin_ending(EndCause::kFinished);
    return;
  }
  if (!pod_.spec.hostNetwork && !seen_.machine->is_network_ready(seen_.node)) {
    event("Warning", "NetworkNotReady",
          "network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
          "message:Network plugin returns error: cni plugin not initialized");
    requeue(timings_.network_retry);
    return;
  }
  const auto& sandbox = seen_.runtime->sandbox;
  if (sandbox && sandbox->gone_at == Instant::max()) {
    plan_work();
    return;
  }
  CreateSandbox op;
  op.is_host_network = pod_.spec.hostNetwork;
  emit_op(op);
  state_.activity = Activity::kSandbox;
  state_.has_acted = true;
}

// A sync that did something is followed by a look at the next relist; one that only found that it has to wait comes
// back when the wait is over, at most a resync later, with jitter.
void Stepper::end_sync() {
  state_.is_syncing = false;
  if (state_.has_acted) {
    state_.next_sync = next_relist(seen_.now + Duration(1));
  } else if (state_.requeue_after) {
    Duration after = std::min(*state_.requeue_after, timings_.resync);
    auto percent = static_cast<std::uint64_t>(timings_.requeue_jitter_percent);
    if (percent > 0) after += after * static_cast<std::int64_t>(state_.rng.below(percent * 10 + 1)) / 1000;
    state_.next_sync = seen_.now + std::max(after, Duration(1ms));
  }
}

void Stepper::notice_containers() {
  for (const auto& [name, records] : seen_.runtime->containers) {
    if (!records.empty()) state_.noticed[name] = {records.back().id, records.back().has_exited(seen_.now)};
  }
}

void Stepper::requeue(Duration after) {
  if (!state_.requeue_after || after < *state_.requeue_after) state_.requeue_after = after;
}

void Stepper::plan_work() {
  state_.queue.clear();
  bool have_regular_started =
      std::ranges::any_of(pod_.spec.containers, [&](const auto& one) { return seen_.runtime->latest(one.name); });
  bool is_initialized = plan_init_work();
  if (is_initialized || have_regular_started) plan_regular_work();
}

// True when the regular containers may start. Source: computeInitContainerActions.
bool Stepper::plan_init_work() {
  bool have_regular_started =
      std::ranges::any_of(pod_.spec.containers, [&](const auto& one) { return seen_.runtime->latest(one.name); });
  for (const auto& container : pod_.spec.initContainers) {
    const auto* record = seen_.runtime->latest(container.name);
    bool is_over = record && record->has_exited(seen_.now);
    if (is_sidecar(container)) {
      if (!record || is_over) {
        plan_start(container);
        if (!record) return false;
      } else if (!plan_restart_of_unhealthy(container, true) && !is_started(state_, seen_, container)) {
        return false;
      }
      continue;
    }
    if (have_regular_started) continue;
    if (!record || (is_over && record->exit_code != 0)) {
      plan_start(container);
      return false;
    }
    if (!is_over) return false;
  }
  return true;
}

void Stepper::plan_regular_work() {
  for (const auto& container : pod_.spec.containers) {
    const auto* record = seen_.runtime->latest(container.name);
    if (!record) {
      plan_start(container);
    } else if (record->has_exited(seen_.now)) {
      if (is_restarted(pod_.spec, container, *record)) plan_start(container);
    } else if (record->spec_image != container.image) {
      plan_kill(container, fmt::format("Container {} definition changed, will be restarted", container.name),
                grace_of(pod_.spec));
      plan_start(container);
    } else {
      plan_restart_of_unhealthy(container, false);
    }
  }
}

void Stepper::plan_kill(const api::Container& container, std::string message, Duration grace) {
  Work work;
  work.is_kill = true;
  work.container = container.name;
  work.message = std::move(message);
  work.grace = std::max(grace, timings_.minimum_grace);
  state_.queue.push_back(std::move(work));
}

void Stepper::plan_start(const api::Container& container) {
  Work work;
  work.container = container.name;
  state_.queue.push_back(std::move(work));
}

bool Stepper::plan_restart_of_unhealthy(const api::Container& container, bool is_init) {
  const auto* record = seen_.runtime->latest(container.name);
  for (auto [kind, probe, word] : {std::tuple(ProbeKind::kStartup, &container.startupProbe, "startup"),
                                   std::tuple(ProbeKind::kLiveness, &container.livenessProbe, "liveness")}) {
    auto memory = state_.probes.find({container.name, kind});
    if (!*probe || memory == state_.probes.end()) continue;
    if (memory->second.container_id != record->id || !memory->second.is_on_hold) continue;
    Duration grace = grace_of(pod_.spec);
    if ((*probe)->terminationGracePeriodSeconds) grace = std::chrono::seconds(*(*probe)->terminationGracePeriodSeconds);
    plan_kill(container,
              is_init ? fmt::format("Init container {} failed {} probe", container.name, word)
                      : fmt::format("Container {} failed {} probe, will be restarted", container.name, word),
              grace);
    // A killed container counts as failed, so OnFailure starts it again too.
    if (pod_.spec.restartPolicy != "Never" || is_sidecar(container)) plan_start(container);
    return true;
  }
  return false;
}

void Stepper::work_on_front() {
  const Work work = state_.queue.front();
  const api::Container* container = find_container(pod_, work.container);
  if (!container) {
    state_.queue.pop_front();
  } else if (work.is_kill) {
    event("Normal", "Killing", work.message, work.container);
    StopContainer op;
    op.container = work.container;
    op.grace = work.grace;
    emit_op(op);
    state_.activity = Activity::kStop;
    state_.has_acted = true;
  } else if (!is_in_crash_backoff(*container)) {
    obtain_image(*container);
  }
}

// The front of the queue cannot be done now. A regular init container that cannot start holds up all that follows.
void Stepper::fail_front(const api::Container& container, WaitingReason reason) {
  auto& known = state_.reasons[container.name];
  if (known != reason) state_.has_acted = true;
  known = std::move(reason);
  state_.queue.pop_front();
  bool is_init =
      std::ranges::any_of(pod_.spec.initContainers, [&](const auto& one) { return one.name == container.name; });
  if (is_init) state_.queue.clear();
}

bool Stepper::is_in_crash_backoff(const api::Container& container) {
  const auto* record = seen_.runtime->latest(container.name);
  if (!record) return false;
  auto left = remaining_backoff(state_.crashes, container.name, record->exits_at, seen_.now, timings_);
  if (left == Duration(0)) {
    raise_backoff(state_.crashes, container.name, record->exits_at, seen_.now, timings_);
    return false;
  }
  std::string where = fmt::format("{}_{}({})", pod_.metadata.name, pod_.metadata.namespace_, pod_.metadata.uid);
  auto delay = current_delay(state_.crashes, container.name);
  event("Warning", "BackOff", fmt::format("Back-off restarting failed container {} in pod {}", container.name, where),
        container.name);
  requeue(left);
  fail_front(container, waiting("CrashLoopBackOff", fmt::format("back-off {} restarting failed container={} pod={}",
                                                                go_duration(delay), container.name, where)));
  return true;
}

// Source: image_manager.go EnsureImageExists.
void Stepper::obtain_image(const api::Container& container) {
  const auto& image = container.image;
  if (auto error = image_name_error(image); !error.empty()) {
    auto text =
        fmt::format("Failed to apply default image tag \"{0}\": couldn't parse image name \"{0}\": {1}", image, error);
    event("Warning", "InspectFailed", text, container.name);
    event("Warning", "Failed", "Error: InvalidImageName", container.name);
    requeue(timings_.backoff_first);
    fail_front(container, waiting("InvalidImageName", text));
    return;
  }
  auto policy = pull_policy(container);
  bool is_present = seen_.machine->has_image(seen_.node, image, seen_.now);
  if (is_present && policy != "Always") {
    event("Normal", "Pulled",
          fmt::format("Container image \"{}\" already present on machine and can be accessed by the pod", image),
          container.name);
    start_with_image(container);
    return;
  }
  if (policy == "Never") {
    auto text = fmt::format("Container image \"{}\" is not present with pull policy of Never", image);
    event("Warning", "ErrImageNeverPull", text, container.name);
    event("Warning", "Failed", "Error: ErrImageNeverPull", container.name);
    requeue(timings_.backoff_first);
    fail_front(container, waiting("ErrImageNeverPull", text));
    return;
  }
  auto last_failure = state_.pulls.find(image);
  Instant since = last_failure == state_.pulls.end() ? seen_.now : last_failure->second.updated;
  auto left = remaining_backoff(state_.pulls, image, since, seen_.now, timings_);
  if (left > Duration(0)) {
    auto text = fmt::format("Back-off pulling image \"{}\"", image);
    event("Normal", "BackOff", text, container.name);
    event("Warning", "Failed", "Error: ImagePullBackOff", container.name);
    requeue(left);
    auto message = fmt::format("{}: ErrImagePull: {}", text, state_.pull_errors[image]);
    fail_front(container, waiting("ImagePullBackOff", std::move(message)));
    return;
  }
  event("Normal", "Pulling", fmt::format("Pulling image \"{}\"", image), container.name);
  PullImage op;
  op.container = container.name;
  emit_op(op);
  state_.activity = Activity::kPull;
}

void Stepper::start_with_image(const api::Container& container) {
  const auto* record = seen_.runtime->latest(container.name);
  StartContainer op;
  op.container = container.name;
  op.attempt = record ? record->attempt + 1 : 0;
  emit_op(op);
  state_.activity = Activity::kStart;
}

bool Stepper::is_activity_done() {
  Instant done_at = seen_.now;
  const auto& runtime = *seen_.runtime;
  if (state_.activity == Activity::kSandbox) {
    if (runtime.sandbox) done_at = runtime.sandbox->ready_at;
  } else if (state_.activity == Activity::kPull) {
    if (runtime.pull) done_at = runtime.pull->done_at;
  } else if (const auto* record = runtime.latest(state_.queue.front().container)) {
    done_at = state_.activity == Activity::kStart ? record->started_at : record->exits_at;
  }
  if (done_at > seen_.now) wake_at(done_at);
  return done_at <= seen_.now;
}

void Stepper::finish_activity() {
  Activity finished = std::exchange(state_.activity, Activity::kNone);
  if (finished == Activity::kSandbox) {
    plan_work();
    return;
  }
  if (finished == Activity::kStop) {
    state_.queue.pop_front();
    return;
  }
  const api::Container* container = find_container(pod_, state_.queue.front().container);
  if (!container) {
    state_.queue.pop_front();
  } else if (finished == Activity::kPull) {
    finish_pull(*container);
  } else {
    finish_start(*container);
  }
}

void Stepper::finish_pull(const api::Container& container) {
  const auto& pull = *seen_.runtime->pull;
  if (pull.error.empty()) {
    event("Normal", "Pulled",
          fmt::format("Successfully pulled image \"{}\" in {} ({} including waiting). Image size: {} bytes.",
                      container.image, go_duration(pull.took), go_duration(pull.with_waiting), pull.size_bytes),
          container.name);
    start_with_image(container);
    return;
  }
  event("Warning", "Failed", fmt::format("Failed to pull image \"{}\": {}", container.image, pull.error),
        container.name);
  event("Warning", "Failed", "Error: ErrImagePull", container.name);
  raise_backoff(state_.pulls, container.image, seen_.now, seen_.now, timings_);
  state_.pull_errors[container.image] = pull.error;
  requeue(current_delay(state_.pulls, container.image));
  fail_front(container, waiting("ErrImagePull", pull.error));
  state_.has_acted = true;
}

void Stepper::finish_start(const api::Container& container) {
  const auto* record = seen_.runtime->latest(container.name);
  state_.has_acted = true;
  if (record && record->reason == "StartError") {
    event("Normal", "Created", "Container created", container.name);
    event("Warning", "Failed", "Error: " + record->message, container.name);
    fail_front(container, waiting("RunContainerError", record->message));
    return;
  }
  event("Normal", "Created", "Container created", container.name);
  event("Normal", "Started", "Container started", container.name);
  state_.reasons.erase(container.name);
  state_.queue.pop_front();
}

}  // namespace kubeloop::kubelet_sim
