#include "kubelet-sim/lifecycle/pod_status.hpp"

#include <algorithm>

#include "kubelet-sim/lifecycle/phase.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::kubelet_sim {
namespace {

api::ContainerStateTerminated terminated(const ContainerRecord& record) {
  api::ContainerStateTerminated state;
  state.exitCode = record.exit_code;
  state.reason = record.reason;
  state.message = record.message;
  state.startedAt = api::format_time(record.started_wall);
  state.finishedAt = api::format_time(record.finished_wall());
  state.containerID = record.id;
  return state;
}

const api::ContainerStatus* published_status(const PodState& state, const std::string& container) {
  if (auto* found = find_status(state.published.containerStatuses, container)) return found;
  return find_status(state.published.initContainerStatuses, container);
}

void set_waiting(api::ContainerStatus& status, std::string reason, std::string message) {
  api::ContainerStateWaiting waiting;
  waiting.reason = std::move(reason);
  waiting.message = std::move(message);
  status.state = api::ContainerState();
  status.state.waiting = std::move(waiting);
}

api::ContainerStatus container_status(const PodState& state, const Seen& seen, const api::Container& container,
                                      bool is_init) {
  const auto& spec = seen.pod->spec;
  api::ContainerStatus status;
  status.name = container.name;
  status.image = container.image;
  status.started = false;
  const ContainerRecord* record = seen.runtime->latest(container.name);
  if (record && !record->has_started(seen.now)) record = seen.runtime->previous(container.name);
  if (!record) {
    set_waiting(status, spec.initContainers.empty() ? "ContainerCreating" : "PodInitializing", "");
  } else {
    status.image = record->image;
    status.imageID = record->image_id;
    status.containerID = record->id;
    status.restartCount = record->attempt;
    if (record->has_exited(seen.now)) {
      status.state.terminated = terminated(*record);
      if (is_init && !is_sidecar(container)) status.ready = record->exit_code == 0;
    } else {
      api::ContainerStateRunning running;
      running.startedAt = api::format_time(record->started_wall);
      status.state.running = std::move(running);
      status.started = is_started(state, seen, container);
      bool is_probed_ready = !container.readinessProbe || probe_result(state, *record, container.name,
                                                                       ProbeKind::kReadiness) == ProbeResult::kSuccess;
      status.ready = (!is_init || is_sidecar(container)) && *status.started && is_probed_ready;
    }
    const ContainerRecord* before = seen.runtime->previous(container.name);
    if (before && before != record) status.lastState.terminated = terminated(*before);
  }
  auto reason = state.reasons.find(container.name);
  bool is_to_start = !record || (record->has_exited(seen.now) && is_restarted(spec, container, *record));
  if (reason != state.reasons.end() && is_to_start) {
    if (status.state.terminated) status.lastState = status.state;
    set_waiting(status, reason->second.reason, reason->second.message);
  }
  return status;
}

// A container that never ran, or is not to be found, in a pod that has ended.
void mark_lost(api::ContainerStatus& status) {
  if (status.state.terminated) return;
  if (status.lastState.terminated) {
    // It was waiting for its next start: its last end is what counts.
    status.state = status.lastState;
    status.lastState = api::ContainerState();
    return;
  }
  api::ContainerStateTerminated lost;
  lost.exitCode = 137;
  lost.reason = "ContainerStatusUnknown";
  lost.message = "The container could not be located when the pod was terminated";
  status.state = api::ContainerState();
  status.state.terminated = std::move(lost);
  status.ready = false;
  status.started = false;
}

bool was_initialized(const api::Pod& pod, const api::PodStatus& status) {
  if (pod.spec.initContainers.empty()) return true;
  bool has_run = std::ranges::any_of(status.containerStatuses,
                                     [](const auto& one) { return !one.state.waiting || one.lastState.terminated; });
  return has_run || std::ranges::all_of(status.initContainerStatuses,
                                        [](const auto& one) { return one.ready || one.started.value_or(false); });
}

void set_addresses(api::PodStatus& status, const PodState& state, const Seen& seen) {
  auto one = [](const std::string& ip) {
    api::PodIP entry;
    entry.ip = ip;
    return std::vector<api::PodIP>(1, entry);
  };
  status.hostIP = seen.host_ip;
  status.hostIPs = one(seen.host_ip);
  if (seen.pod->spec.hostNetwork)
    status.podIP = seen.host_ip;
  else if (seen.runtime->sandbox && seen.runtime->sandbox->ready_at <= seen.now)
    status.podIP = seen.runtime->sandbox->ip;
  else
    status.podIP = state.published.podIP;
  if (!status.podIP.empty()) status.podIPs = one(status.podIP);
}

void set_phase(api::PodStatus& status, const PodState& state, const Seen& seen, bool is_terminal) {
  const auto& before = state.published;
  if (is_terminal_phase(before.phase)) {
    // What has ended once stays so, with the reason it was given.
    status.phase = before.phase;
    status.reason = before.reason;
    status.message = before.message;
    return;
  }
  status.phase = pod_phase(seen.pod->spec, status.initContainerStatuses, status.containerStatuses, is_terminal);
  if (is_terminal && state.override_) {
    status.phase = "Failed";
    status.reason = state.override_->reason;
    status.message = state.override_->message;
  }
  if (is_terminal && !is_terminal_phase(status.phase)) status.phase = "Failed";
  // The end is told only when nothing runs any more.
  if (is_terminal_phase(status.phase) && seen.runtime->has_running(seen.now)) {
    status.phase = before.phase.empty() ? "Pending" : before.phase;
  }
}

}  // namespace

ProbeResult probe_result(const PodState& state, const ContainerRecord& record, const std::string& container,
                         ProbeKind kind) {
  auto it = state.probes.find({container, kind});
  if (it != state.probes.end() && it->second.container_id == record.id) return it->second.result;
  const auto* told = published_status(state, container);
  bool is_same_life = told && told->containerID == record.id;
  if (kind == ProbeKind::kLiveness) return ProbeResult::kSuccess;
  if (kind == ProbeKind::kStartup) {
    return is_same_life && told->started.value_or(false) ? ProbeResult::kSuccess : ProbeResult::kUnknown;
  }
  return is_same_life && told->ready ? ProbeResult::kSuccess : ProbeResult::kFailure;
}

bool is_started(const PodState& state, const Seen& seen, const api::Container& container) {
  const auto* record = seen.runtime->latest(container.name);
  if (!record || !record->is_running(seen.now)) return false;
  return !container.startupProbe ||
         probe_result(state, *record, container.name, ProbeKind::kStartup) == ProbeResult::kSuccess;
}

bool is_restarted(const api::PodSpec& spec, const api::Container& container, const ContainerRecord& record) {
  if (is_sidecar(container)) return true;
  if (spec.restartPolicy == "Never") return false;
  bool is_init = std::ranges::any_of(spec.initContainers, [&](const auto& one) { return one.name == container.name; });
  if (is_init || spec.restartPolicy == "OnFailure") return record.exit_code != 0;
  return true;
}

api::PodStatus make_status(const PodState& state, const Seen& seen, bool is_terminal) {
  const api::Pod& pod = *seen.pod;
  api::PodStatus status;
  status.startTime = state.start_time;
  status.observedGeneration = pod.metadata.generation;
  set_addresses(status, state, seen);
  for (const auto& container : pod.spec.initContainers) {
    status.initContainerStatuses.push_back(container_status(state, seen, container, true));
  }
  for (const auto& container : pod.spec.containers) {
    status.containerStatuses.push_back(container_status(state, seen, container, false));
  }
  std::ranges::sort(status.containerStatuses, {}, &api::ContainerStatus::name);
  if (is_terminal && was_initialized(pod, status)) {
    for (auto& one : status.containerStatuses) mark_lost(one);
  }
  set_phase(status, state, seen, is_terminal);
  bool is_sandbox_ready = seen.runtime->sandbox && seen.runtime->sandbox->is_ready(seen.now);
  ConditionInput input{pod, status, is_sandbox_ready, state.published.conditions, api::format_time(seen.wall)};
  status.conditions = pod_conditions(input);
  return status;
}

api::PodStatus rejected_status(const PodState& state, const Seen& seen) {
  api::PodStatus status = state.published;
  status.phase = "Failed";
  status.reason = state.rejection->reason;
  status.message = "Pod was rejected: " + state.rejection->message;
  status.startTime = state.start_time;
  status.observedGeneration = seen.pod->metadata.generation;
  return status;
}

}  // namespace kubeloop::kubelet_sim
