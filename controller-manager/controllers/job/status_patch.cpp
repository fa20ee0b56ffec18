#include "controller-manager/controllers/job/status_patch.hpp"

#include <nlohmann/json.hpp>

#include "controller-manager/status_json.hpp"
#include "libs/api/codec/json_text.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

}  // namespace

std::string job_status_patch(const api::Job& job, const api::JobStatus& status, const std::string& resource_version) {
  json patch = json::object();
  patch["metadata"]["uid"] = job.metadata.uid;
  patch["metadata"]["resourceVersion"] = resource_version;
  auto& s = patch["status"] = json::object();
  s["conditions"] = conditions_json(status.conditions);
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
  return api::json_text(patch);
}

}  // namespace kubeloop::controller_manager
