#include "scheduler/pod_condition.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::scheduler {

std::optional<std::string> failure_patch(const api::Pod& pod, const FailureStatus& failure, WallTime now) {
  const auto* present = api::find_condition(pod.status.conditions, "PodScheduled");
  const bool is_false_already = present != nullptr && present->status == "False";
  const bool is_same = is_false_already && present->reason == failure.reason && present->message == failure.message;
  const bool is_clearing = failure.is_nomination_cleared && !pod.status.nominatedNodeName.empty();
  if (is_same && !is_clearing) return std::nullopt;

  nlohmann::ordered_json status = nlohmann::ordered_json::object();
  if (!is_same) {
    const bool is_time_kept = is_false_already && !present->lastTransitionTime.empty();
    nlohmann::ordered_json condition = nlohmann::ordered_json::object();
    condition["type"] = "PodScheduled";
    condition["status"] = "False";
    condition["reason"] = failure.reason;
    condition["message"] = failure.message;
    condition["lastProbeTime"] = nullptr;
    condition["lastTransitionTime"] = is_time_kept ? present->lastTransitionTime : api::format_time(now);
    if (pod.metadata.generation != 0) condition["observedGeneration"] = pod.metadata.generation;
    status["conditions"] = nlohmann::ordered_json::array();
    status["conditions"].push_back(std::move(condition));
  }
  if (is_clearing) status["nominatedNodeName"] = nullptr;
  nlohmann::ordered_json patch = nlohmann::ordered_json::object();
  patch["status"] = std::move(status);
  return api::json_text(patch);
}

}  // namespace kubeloop::scheduler
