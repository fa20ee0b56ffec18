#include "kubelet-sim/lifecycle/lifecycle.hpp"

#include <algorithm>

#include "kubelet-sim/lifecycle/phase.hpp"
#include "kubelet-sim/lifecycle/pod_status.hpp"
#include "kubelet-sim/lifecycle/status_patch.hpp"
#include "kubelet-sim/lifecycle/stepper.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::kubelet_sim {

Turn step(PodState& state, const Seen& seen) {
  return Stepper(state, seen).run();
}

void status_was_written(PodState& state, const api::PodStatus& status, std::uint64_t revision) {
  state.published = status;
  state.published_revision = std::max(state.published_revision, revision);
  state.status_retry_at = std::nullopt;
}

void status_write_failed(PodState& state, Instant now, const Timings& timings) {
  state.status_retry_at = now + timings.status_retry;
}

void delete_failed(PodState& state, Instant now, const Timings& timings) {
  state.delete_retry_at = now + timings.status_retry;
}

Turn Stepper::run() {
  absorb();
  if (seen_.is_gone) {
    begin_ending(EndCause::kGone);
  } else if (!pod_.metadata.deletionTimestamp.empty()) {
    begin_ending(EndCause::kDeleted);
  } else if (is_terminal_phase(pod_.status.phase) && state_.ending == Ending::kNone) {
    begin_ending(EndCause::kFinished);
  }
  if (state_.ending == Ending::kNone && admit()) {
    check_deadline();
    if (state_.ending == Ending::kNone) {
      probe_all();
      progress();
    }
  }
  if (state_.ending != Ending::kNone) continue_ending();
  if (state_.status_retry_at && *state_.status_retry_at > seen_.now) wake_at(*state_.status_retry_at);
  // What was just begun or written shows in the next step; a write that fails sets when to try again.
  if (turn_.has_op() || turn_.has_write() || has_synced_) turn_.wake_at = seen_.now;
  return std::move(turn_);
}

// Takes in what the hub says now.
void Stepper::absorb() {
  if (state_.start_time.empty()) {
    state_.published = pod_.status;
    state_.published_revision = pod_.metadata.revision();
    state_.start_time = pod_.status.startTime.empty() ? api::format_time(seen_.wall) : pod_.status.startTime;
  }
  if (seen_.is_gone || pod_.metadata.revision() <= state_.published_revision) return;
  if (!is_same_status(pod_.status, state_.published)) {
    // Somebody else wrote what is ours (node-lifecycle sets Ready to False): say again how it is.
    state_.published = pod_.status;
    state_.is_sync_asked = true;
  }
  if (!pod_.spec.readinessGates.empty()) state_.is_sync_asked = true;
  state_.published_revision = pod_.metadata.revision();
}

// True when the pod may run here. A refused pod stays Failed; its containers never start.
bool Stepper::admit() {
  if (state_.is_admitted) return true;
  if (!state_.rejection && !seen_.rejection) {
    state_.is_admitted = true;
    return true;
  }
  if (!state_.rejection) {
    state_.rejection = seen_.rejection;
    event("Warning", seen_.rejection->reason, seen_.rejection->message);
    write_status(rejected_status(state_, seen_));
  } else if (state_.status_retry_at && *state_.status_retry_at <= seen_.now) {
    write_status(rejected_status(state_, seen_));
  }
  return false;
}

void Stepper::check_deadline() {
  if (!pod_.spec.activeDeadlineSeconds) return;
  auto started = api::parse_time(state_.start_time);
  if (!started) return;
  auto left = *started + std::chrono::seconds(*pod_.spec.activeDeadlineSeconds) - seen_.wall;
  if (left > Duration(0)) {
    wake_at(seen_.now + left);
    return;
  }
  const std::string text = "Pod was active on the node longer than the specified deadline";
  WaitingReason reason;
  reason.reason = "DeadlineExceeded";
  reason.message = text;
  state_.override_ = reason;
  event("Normal", "DeadlineExceeded", text);
  begin_ending(EndCause::kDeadline);
}

// Goes on with the sync in progress, and begins one that is due, until something has to be waited for.
void Stepper::progress() {
  while (!turn_.has_op() && state_.ending == Ending::kNone) {
    // One status a turn: the next is compared with what became of it.
    if (has_synced_ && !state_.is_syncing) return;
    if (state_.activity != Activity::kNone) {
      if (!is_activity_done()) return;
      finish_activity();
    } else if (!state_.queue.empty()) {
      work_on_front();
    } else if (state_.is_syncing) {
      end_sync();
    } else if (is_sync_due()) {
      begin_sync();
    } else {
      return;
    }
  }
}

bool Stepper::is_sync_due() {
  if (!state_.was_synced || state_.is_sync_asked || pod_.metadata.generation != state_.synced_generation) return true;
  if (state_.next_sync) {
    if (*state_.next_sync <= seen_.now) return true;
    wake_at(*state_.next_sync);
  }
  if (state_.status_retry_at && *state_.status_retry_at <= seen_.now) return true;
  for (const auto& [name, records] : seen_.runtime->containers) {
    if (records.empty() || records.back().exits_at == Instant::max()) continue;
    const auto& record = records.back();
    auto looked = state_.noticed.find(name);
    bool is_known = looked != state_.noticed.end() && looked->second == std::pair(record.id, true);
    if (is_known) continue;
    Instant noticed_at = next_relist(record.exits_at);
    if (noticed_at <= seen_.now) return true;
    wake_at(noticed_at);
  }
  return false;
}

void Stepper::wake_at(Instant at) {
  if (!turn_.wake_at || at < *turn_.wake_at) turn_.wake_at = at;
}

Instant Stepper::next_relist(Instant at) const {
  auto since = at - seen_.relist_origin;
  if (since <= Duration(0)) return seen_.relist_origin;
  auto ticks = (since + timings_.relist - Duration(1)) / timings_.relist;
  return seen_.relist_origin + ticks * timings_.relist;
}

void Stepper::event(std::string type, std::string reason, std::string message, const std::string& container) {
  EventDraft draft;
  draft.type = std::move(type);
  draft.reason = std::move(reason);
  draft.message = std::move(message);
  if (!container.empty()) {
    bool is_init =
        std::ranges::any_of(pod_.spec.initContainers, [&](const auto& one) { return one.name == container; });
    draft.field_path = (is_init ? "spec.initContainers{" : "spec.containers{") + container + "}";
  }
  emit(Action(std::move(draft)));
}

// Asks for a write only when it would change something.
void Stepper::write_status(api::PodStatus status) {
  if (is_same_status(status, state_.published)) {
    state_.status_retry_at = std::nullopt;
    return;
  }
  PatchStatus patch;
  patch.status = std::move(status);
  emit(Action(std::move(patch)));
}

}  // namespace kubeloop::kubelet_sim
