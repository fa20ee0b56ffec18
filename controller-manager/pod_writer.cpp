#include "controller-manager/pod_writer.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

// Nothing when the pod has it already.
std::optional<json> condition_change(const api::Pod& pod, const PodCondition& wanted, WallTime now) {
  const auto* current = api::find_condition(pod.status.conditions, wanted.type);
  bool is_same_status = current && current->status == wanted.status;
  if (is_same_status && (wanted.reason.empty() || current->reason == wanted.reason) &&
      (wanted.message.empty() || current->message == wanted.message)) {
    return std::nullopt;
  }
  json change = json::object();
  change["type"] = wanted.type;
  change["status"] = wanted.status;
  if (!wanted.reason.empty()) change["reason"] = wanted.reason;
  if (!wanted.message.empty()) change["message"] = wanted.message;
  if (!is_same_status) change["lastTransitionTime"] = api::format_time(now);
  return change;
}

}  // namespace

awaitable<Result<void>> patch_pod_status(client::ApiClient client, api::Pod pod, std::optional<PodCondition> condition,
                                         std::string phase, WallTime now, client::Cause cause) {
  json status = json::object();
  if (condition) {
    auto change = condition_change(pod, *condition, now);
    if (change) {
      status["conditions"] = json::array();
      status["conditions"].push_back(std::move(*change));
    }
  }
  if (!phase.empty() && phase != pod.status.phase) status["phase"] = phase;
  if (status.empty()) co_return Result<void>();
  json patch = json::object();
  patch["metadata"]["uid"] = pod.metadata.uid;
  patch["status"] = std::move(status);
  auto patched = co_await client.patch(api::kPods, pod.metadata.namespace_, pod.metadata.name,
                                       client::PatchType::kStrategicMerge, patch.dump(), cause, "status");
  if (!patched) co_return failure(std::move(patched.error()));
  co_return Result<void>();
}

awaitable<Result<void>> delete_pod(client::ApiClient client, api::Pod pod, std::optional<int> grace,
                                   client::Cause cause) {
  json options = json::object();
  options["apiVersion"] = "v1";
  options["kind"] = "DeleteOptions";
  options["preconditions"]["uid"] = pod.metadata.uid;
  if (grace) options["gracePeriodSeconds"] = *grace;
  auto removed = co_await client.remove(api::kPods, pod.metadata.namespace_, pod.metadata.name, options.dump(), cause);
  // 404: gone. 409: another pod has the name by now.
  if (removed || removed.error().code == 404 || removed.error().code == 409) co_return Result<void>();
  co_return failure(std::move(removed.error()));
}

}  // namespace kubeloop::controller_manager
