#include "controller-manager/controllers/job/status_patch.hpp"

#include <nlohmann/json.hpp>

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

// What is zero or empty is not in the stored object.
json unless_zero(std::int64_t count) {
  return count == 0 ? json() : json(count);
}
json unless_empty(const std::string& text) {
  return text.empty() ? json() : json(text);
}
json unless_empty(const std::vector<std::string>& list) {
  return list.empty() ? json() : json(list);
}

json conditions_json(const std::vector<api::Condition>& conditions) {
  json list = json::array();
  for (const auto& condition : conditions) {
    json item = json::object();
    item["type"] = condition.type;
    item["status"] = condition.status;
    for (const auto& [key, value] :
         {std::pair("lastProbeTime", &condition.lastProbeTime),
          std::pair("lastTransitionTime", &condition.lastTransitionTime), std::pair("reason", &condition.reason),
          std::pair("message", &condition.message)}) {
      if (!value->empty()) item[key] = *value;
    }
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

std::string job_status_patch(const api::Job& job, const api::JobStatus& status, const std::string& resource_version) {
  json patch = json::object();
  patch["metadata"]["uid"] = job.metadata.uid;
  patch["metadata"]["resourceVersion"] = resource_version;
  auto& s = patch["status"] = json::object();
  s["conditions"] = status.conditions.empty() ? json() : conditions_json(status.conditions);
  s["startTime"] = unless_empty(status.startTime);
  s["completionTime"] = unless_empty(status.completionTime);
  s["active"] = unless_zero(status.active);
  s["succeeded"] = unless_zero(status.succeeded);
  s["failed"] = unless_zero(status.failed);
  s["ready"] = status.ready.value_or(0);
  s["terminating"] = status.terminating.value_or(0);
  s["completedIndexes"] = unless_empty(status.completedIndexes);
  if (job.spec.backoffLimitPerIndex) s["failedIndexes"] = status.failedIndexes;
  s["uncountedTerminatedPods"]["succeeded"] = unless_empty(status.uncountedTerminatedPods.succeeded);
  s["uncountedTerminatedPods"]["failed"] = unless_empty(status.uncountedTerminatedPods.failed);
  return patch.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace kubeloop::controller_manager
