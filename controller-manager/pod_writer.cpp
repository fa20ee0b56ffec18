#include "controller-manager/pod_writer.hpp"

#include <nlohmann/json.hpp>

#include "controller-manager/object_removal.hpp"

namespace kubeloop::controller_manager {

using nlohmann::json;

awaitable<Result<void>> patch_pod_status(client::ApiClient client, api::Pod pod,
                                         std::optional<WantedCondition> condition, std::string phase, WallTime now,
                                         client::Cause cause) {
  json status = json::object();
  if (condition) {
    auto change = condition_change(pod.status.conditions, *condition, now);
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
  client::DeleteOptions options;
  options.grace_seconds = grace;
  co_return co_await remove_object(client, api::kPods, pod.metadata, cause, options);
}

}  // namespace kubeloop::controller_manager
