// A change in the cluster that may make a waiting pod schedulable, and how it is derived from two versions of an
// object. Plain data.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "libs/api/views/node.hpp"
#include "scheduler/framework/pod_info.hpp"

namespace kubeloop::scheduler {

enum class EventSource {
  kNode,
  kAssignedPod,  // a pod on a node
  kPendingPod,   // the waiting pod itself
  kWildcard,     // moves every pod (the 5 minute flush)
};

// Bits: one event may carry several.
namespace action {
inline constexpr std::uint32_t kAdd = 1u << 0;
inline constexpr std::uint32_t kDelete = 1u << 1;
inline constexpr std::uint32_t kUpdateNodeAllocatable = 1u << 2;
inline constexpr std::uint32_t kUpdateNodeLabel = 1u << 3;
inline constexpr std::uint32_t kUpdateNodeTaint = 1u << 4;  // also: spec.unschedulable became false
inline constexpr std::uint32_t kUpdateNodeCondition = 1u << 5;
inline constexpr std::uint32_t kUpdateNodeAnnotation = 1u << 6;
inline constexpr std::uint32_t kUpdatePodLabel = 1u << 7;
inline constexpr std::uint32_t kUpdatePodScaleDown = 1u << 8;
inline constexpr std::uint32_t kUpdatePodToleration = 1u << 9;
inline constexpr std::uint32_t kUpdatePodGatesEliminated = 1u << 10;
inline constexpr std::uint32_t kUpdateOther = 1u << 11;
}  // namespace action

struct ClusterEvent {
  EventSource source = EventSource::kWildcard;
  std::uint32_t actions = 0;
  std::shared_ptr<const api::Node> node_before, node_after;
  PodInfoPtr pod_before, pod_after;
  std::uint64_t revision = 0;  // of the change; 0 for a timer
};

// What a plugin wants to hear of.
struct EventInterest {
  EventSource source;
  std::uint32_t actions;

  bool matches(const ClusterEvent& event) const { return source == event.source && (actions & event.actions) != 0; }
};

// The bits by which `after` differs from `before` in ways that matter to scheduling; 0 when it does not.
std::uint32_t node_actions(const api::Node& before, const api::Node& after);
// Never 0: a change of anything else is kUpdateOther.
std::uint32_t pod_actions(const PodInfo& before, const PodInfo& after);

}  // namespace kubeloop::scheduler
