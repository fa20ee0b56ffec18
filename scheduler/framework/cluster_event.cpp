#include "scheduler/framework/cluster_event.hpp"

#include <algorithm>
#include <map>

namespace kubeloop::scheduler {
namespace {

std::map<std::string, std::string> condition_states(const std::vector<api::Condition>& conditions) {
  std::map<std::string, std::string> states;
  for (const auto& condition : conditions) states[condition.type] = condition.status;
  return states;
}

bool is_smaller_somewhere(const ResourceAmounts& before, const ResourceAmounts& after) {
  if (after.milli_cpu < before.milli_cpu || after.memory < before.memory) return true;
  if (after.ephemeral_storage < before.ephemeral_storage) return true;
  return std::any_of(before.scalars.begin(), before.scalars.end(),
                     [&](const auto& entry) { return after.scalar(entry.first) < entry.second; });
}

bool is_same(const api::Toleration& a, const api::Toleration& b) {
  return a.key == b.key && a.operator_ == b.operator_ && a.value == b.value && a.effect == b.effect &&
         a.tolerationSeconds == b.tolerationSeconds;
}

bool have_tolerations_changed(const api::Pod& before, const api::Pod& after) {
  return !std::equal(before.spec.tolerations.begin(), before.spec.tolerations.end(), after.spec.tolerations.begin(),
                     after.spec.tolerations.end(), is_same);
}

}  // namespace

std::uint32_t node_actions(const api::Node& before, const api::Node& after) {
  std::uint32_t actions = 0;
  bool is_released = before.spec.unschedulable && !after.spec.unschedulable;
  if (before.status.allocatable != after.status.allocatable) actions |= action::kUpdateNodeAllocatable;
  if (before.metadata.labels != after.metadata.labels) actions |= action::kUpdateNodeLabel;
  if (is_released || before.spec.taints != after.spec.taints) actions |= action::kUpdateNodeTaint;
  if (condition_states(before.status.conditions) != condition_states(after.status.conditions)) {
    actions |= action::kUpdateNodeCondition;
  }
  if (before.metadata.annotations != after.metadata.annotations) actions |= action::kUpdateNodeAnnotation;
  return actions;
}

std::uint32_t pod_actions(const PodInfo& before, const PodInfo& after) {
  std::uint32_t actions = 0;
  const auto& old_pod = *before.pod;
  const auto& pod = *after.pod;
  if (old_pod.metadata.labels != pod.metadata.labels) actions |= action::kUpdatePodLabel;
  if (is_smaller_somewhere(before.requests.real, after.requests.real)) actions |= action::kUpdatePodScaleDown;
  if (!old_pod.spec.schedulingGates.empty() && pod.spec.schedulingGates.empty()) {
    actions |= action::kUpdatePodGatesEliminated;
  }
  if (have_tolerations_changed(old_pod, pod)) actions |= action::kUpdatePodToleration;
  return actions == 0 ? action::kUpdateOther : actions;
}

}  // namespace kubeloop::scheduler
