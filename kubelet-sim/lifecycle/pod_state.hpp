// What the lifecycle machine remembers of a pod, what it sees, and what it asks to be done. Plain data: the pod
// worker owns the state, fills in what is seen, and carries out the actions in their order.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "kubelet-sim/lifecycle/backoff.hpp"
#include "kubelet-sim/runtime/behaviour.hpp"
#include "kubelet-sim/runtime/runtime.hpp"
#include "kubelet-sim/timings.hpp"
#include "libs/api/views/pod.hpp"
#include "libs/base/rng.hpp"

namespace kubeloop::kubelet_sim {

// Why a pod is refused by its node (admission.hpp).
struct Rejection {
  std::string reason;
  std::string message;
};

struct Seen {
  const api::Pod* pod = nullptr;
  bool is_gone = false;  // the object exists no more
  const Runtime* machine = nullptr;
  const PodRuntime* runtime = nullptr;  // the pod's place in it
  std::string node;
  std::string host_ip;
  std::optional<Rejection> rejection;  // the node's verdict; only looked at until the pod is admitted
  const Timings* timings = nullptr;
  Instant relist_origin{};  // the node looks at its containers every `relist` from here
  Instant now{};
  WallTime wall{};
};

// An event about the pod, or about one of its containers.
struct EventDraft {
  std::string type, reason, message;
  std::string field_path;  // "spec.containers{web}", or ""
};
// The status to bring to the hub; PodState::published is what it replaces.
struct PatchStatus {
  api::PodStatus status;
};
// DELETE with grace 0 and the pod's uid as precondition.
struct DeletePod {};
using Action = std::variant<EventDraft, PatchStatus, DeletePod, RuntimeOp>;

struct Turn {
  std::vector<Action> actions;
  std::optional<Instant> wake_at;  // when to look again though nothing changed; nothing: only when something changes
  bool is_finished = false;        // the pod is gone and nothing of it is left: the worker ends

  bool has_op() const {
    for (const auto& action : actions) {
      if (std::holds_alternative<RuntimeOp>(action)) return true;
    }
    return false;
  }
  // Something is written to the hub.
  bool has_write() const {
    for (const auto& action : actions) {
      if (std::holds_alternative<PatchStatus>(action) || std::holds_alternative<DeletePod>(action)) return true;
    }
    return false;
  }
};

struct WaitingReason {
  std::string reason, message;
  bool operator==(const WaitingReason&) const = default;
};

enum class ProbeResult { kUnknown, kSuccess, kFailure };
struct ProbeState {
  std::string container_id;  // the life of the container that the counts belong to
  Instant next_at{};
  int in_row = 0;  // equal answers one after the other
  bool was_success = false;
  ProbeResult result = ProbeResult::kUnknown;
  bool is_on_hold = false;  // it has asked for a restart; nothing more until the container is another
};

// The thing that the worker waits for in the middle of a sync.
enum class Activity { kNone, kSandbox, kPull, kStart, kStop };

struct Work {
  bool is_kill = false;
  std::string container;
  std::string message;  // of the Killing event
  Duration grace{};
};

enum class EndCause { kFinished, kDeadline, kDeleted, kGone };  // in rising order of strength
enum class Ending { kNone, kStopping, kRemovingSandbox, kCleaning, kDone };

struct PodState {
  explicit PodState(Rng r) : rng(r) {}

  Rng rng;
  bool is_admitted = false;
  std::optional<Rejection> rejection;  // refused for good
  std::string start_time;
  api::PodStatus published;  // what the hub has of us, as far as we know
  std::uint64_t published_revision = 0;
  std::optional<Instant> status_retry_at;  // the last status write failed
  std::optional<WaitingReason> override_;  // phase Failed for this reason (DeadlineExceeded)

  std::map<std::string, WaitingReason> reasons;    // why a container is not running, by name
  Backoffs crashes;                                // by container
  Backoffs pulls;                                  // by image
  std::map<std::string, std::string> pull_errors;  // the last one, by image

  // The sync in progress, and when the next one is due.
  bool was_synced = false;
  bool is_syncing = false;
  bool has_acted = false;
  std::optional<Duration> requeue_after;
  std::optional<Instant> next_sync;
  bool is_sync_asked = false;
  std::int64_t synced_generation = 0;
  Activity activity = Activity::kNone;
  std::deque<Work> queue;
  std::map<std::string, std::pair<std::string, bool>>
      noticed;  // container -> the id last looked at, and whether it had ended
  std::map<std::pair<std::string, ProbeKind>, ProbeState> probes;

  Ending ending = Ending::kNone;
  EndCause end_cause = EndCause::kFinished;
  Duration grace{};
  std::set<std::string> announced, stopping;  // containers with a Killing event; containers told to stop
  Instant stop_deadline{};
  Instant cleaned_at{};
  bool is_final_status_written = false;
  bool is_delete_sent = false;
  std::optional<Instant> delete_retry_at;
};

}  // namespace kubeloop::kubelet_sim
