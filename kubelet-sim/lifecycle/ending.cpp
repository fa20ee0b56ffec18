#include <fmt/format.h>

#include <algorithm>

#include "kubelet-sim/lifecycle/phase.hpp"
#include "kubelet-sim/lifecycle/pod_status.hpp"
#include "kubelet-sim/lifecycle/stepper.hpp"

namespace kubeloop::kubelet_sim {

void Stepper::begin_ending(EndCause cause) {
  if (state_.ending == Ending::kNone) {
    state_.ending = Ending::kStopping;
    state_.end_cause = cause;
    // What was being done for the pod's start is dropped: a pull in progress ends with the pod.
    state_.is_syncing = false;
    state_.activity = Activity::kNone;
    state_.queue.clear();
    state_.grace = ending_grace();
    state_.stop_deadline = seen_.now + state_.grace;
    return;
  }
  if (cause > state_.end_cause) state_.end_cause = cause;
  // A second delete, or a forced one, may shorten the countdown and never prolongs it.
  Duration grace = ending_grace();
  if (state_.ending == Ending::kStopping && grace < state_.grace) {
    state_.grace = grace;
    state_.stop_deadline = std::min(state_.stop_deadline, seen_.now + grace);
    state_.stopping.clear();
  }
}

Duration Stepper::ending_grace() const {
  Duration grace = 30s;
  if (pod_.spec.terminationGracePeriodSeconds) grace = std::chrono::seconds(*pod_.spec.terminationGracePeriodSeconds);
  if (pod_.metadata.deletionGracePeriodSeconds) grace = std::chrono::seconds(*pod_.metadata.deletionGracePeriodSeconds);
  if (state_.end_cause == EndCause::kGone) grace = Duration(0);
  return std::max(grace, timings_.minimum_grace);
}

void Stepper::announce(const api::Container& container) {
  const auto* record = seen_.runtime->latest(container.name);
  if (!record || !record->is_running(seen_.now) || !state_.announced.insert(container.name).second) return;
  event("Normal", "Killing", "Stopping container " + container.name, container.name);
}

void Stepper::stop(const api::Container& container, Duration grace) {
  if (!state_.stopping.insert(container.name).second) return;
  StopContainer op;
  op.container = container.name;
  op.grace = std::max(grace, timings_.minimum_grace);
  emit_op(op);
}

// Regular containers stop together, then sidecars in reverse order, all within one grace period. Source: termination
// order of KEP-753.
bool Stepper::stop_containers() {
  auto left = [&] { return state_.stop_deadline - seen_.now; };
  auto is_alive = [&](const api::Container& container) {
    const auto* record = seen_.runtime->latest(container.name);
    return record && !record->has_exited(seen_.now);
  };
  bool is_any_alive = false;
  auto wait_for = [&](const api::Container& container, bool may_stop) {
    if (!is_alive(container)) return;
    announce(container);
    if (may_stop) stop(container, left());
    is_any_alive = true;
    const auto* record = seen_.runtime->latest(container.name);
    if (record->exits_at != Instant::max()) wake_at(record->exits_at);
  };
  for (const auto& container : pod_.spec.containers) wait_for(container, true);
  for (const auto& container : pod_.spec.initContainers) {
    if (!is_sidecar(container)) wait_for(container, true);
  }
  for (auto it = pod_.spec.initContainers.rbegin(); it != pod_.spec.initContainers.rend(); ++it) {
    if (is_sidecar(*it)) wait_for(*it, !is_any_alive);
  }
  return !is_any_alive;
}

void Stepper::continue_ending() {
  if (state_.ending == Ending::kStopping) {
    if (!stop_containers()) return;
    const auto& sandbox = seen_.runtime->sandbox;
    if (sandbox && sandbox->gone_at == Instant::max()) {
      emit_op(RemoveSandbox());
      state_.ending = Ending::kRemovingSandbox;
      return;
    }
    state_.ending = Ending::kRemovingSandbox;
  }
  if (state_.ending == Ending::kRemovingSandbox) {
    const auto& sandbox = seen_.runtime->sandbox;
    if (sandbox && sandbox->gone_at > seen_.now) {
      wake_at(sandbox->gone_at);
      return;
    }
    state_.ending = Ending::kCleaning;
    state_.cleaned_at = seen_.now + timings_.pod_cleanup;
  }
  bool is_retry_due = state_.status_retry_at && *state_.status_retry_at <= seen_.now;
  if (is_retry_due) state_.status_retry_at = std::nullopt;  // also when the hub turns out to have that status
  // A pod that never ran here (refused, or ended before this process started) keeps the status it has.
  bool has_run = !seen_.runtime->containers.empty() || !is_terminal_phase(state_.published.phase);
  if (!seen_.is_gone && !state_.rejection && has_run && (!state_.is_final_status_written || is_retry_due)) {
    state_.is_final_status_written = true;
    state_.status_retry_at = std::nullopt;
    write_status(make_status(state_, seen_, true));
  }
  if (state_.ending == Ending::kCleaning) {
    if (state_.cleaned_at > seen_.now) {
      wake_at(state_.cleaned_at);
      return;
    }
    state_.ending = Ending::kDone;
  }
  finish_ending();
}

void Stepper::finish_ending() {
  if (seen_.is_gone) {
    turn_.is_finished = true;
    return;
  }
  // The object goes only after the hub has the last status; then nothing is left to do but wait until it is gone.
  if (state_.end_cause < EndCause::kDeleted || state_.status_retry_at) return;
  if (state_.delete_retry_at) {
    if (*state_.delete_retry_at > seen_.now) {
      wake_at(*state_.delete_retry_at);
      return;
    }
    state_.delete_retry_at = std::nullopt;
    state_.is_delete_sent = false;
  }
  if (state_.is_delete_sent) return;
  state_.is_delete_sent = true;
  emit(Action(DeletePod()));
}

}  // namespace kubeloop::kubelet_sim
