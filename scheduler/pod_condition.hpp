// What the scheduler writes into a pod's status when it found no node for it. Pure.
#pragma once
#include <optional>
#include <string>

#include "libs/api/views/pod.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::scheduler {

inline constexpr const char* kReasonUnschedulable = "Unschedulable";
inline constexpr const char* kReasonSchedulerError = "SchedulerError";

struct FailureStatus {
  std::string reason;   // one of the two above
  std::string message;  // in full
  bool is_nomination_cleared = false;
};

// A strategic merge patch of the pod's status that sets the condition PodScheduled to False and, when asked, takes away
// nominatedNodeName; nothing when the status says all that already. lastTransitionTime moves only with the condition's
// status.
std::optional<std::string> failure_patch(const api::Pod& pod, const FailureStatus& failure, WallTime now);

}  // namespace kubeloop::scheduler
