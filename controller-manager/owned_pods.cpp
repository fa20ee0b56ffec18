#include "controller-manager/owned_pods.hpp"

namespace kubeloop::controller_manager {

bool is_active(const api::Pod& pod) {
  return !pod.is_terminal() && pod.metadata.deletionTimestamp.empty();
}

bool is_terminating(const api::Pod& pod) {
  return !pod.is_terminal() && !pod.metadata.deletionTimestamp.empty();
}

bool is_ready(const api::Pod& pod) {
  const auto* condition = api::find_condition(pod.status.conditions, "Ready");
  return condition && condition->status == "True";
}

void OwnedPods::fold(const Ptr& before, const Ptr& after) {
  if (before) count(*before, -1);
  if (after) count(*after, 1);
  index_.fold(before, after);
}

PodCounts OwnedPods::counts(const std::string& controller_uid) const {
  auto it = counts_.find(controller_uid);
  return it == counts_.end() ? PodCounts() : it->second;
}

void OwnedPods::count(const api::Pod& pod, int sign) {
  const auto* controller = api::controller_of(pod.metadata);
  if (!controller) return;
  auto it = counts_.try_emplace(controller->uid).first;
  auto& counts = it->second;
  counts.all += sign;
  if (is_active(pod)) {
    counts.active += sign;
    if (is_ready(pod)) counts.ready += sign;
  }
  if (is_terminating(pod)) counts.terminating += sign;
  if (pod.status.phase == "Succeeded") counts.succeeded += sign;
  if (pod.status.phase == "Failed") counts.failed += sign;
  if (counts.all == 0) counts_.erase(it);
}

}  // namespace kubeloop::controller_manager
