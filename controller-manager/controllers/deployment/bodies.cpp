#include "controller-manager/controllers/deployment/bodies.hpp"

#include <nlohmann/json.hpp>

#include "controller-manager/controller_refs.hpp"
#include "controller-manager/controllers/deployment/revisions.hpp"
#include "controller-manager/controllers/deployment/template_hash.hpp"
#include "libs/api/resource.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

std::string dump(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

json selector_json(const api::SelectorSpec& selector, const std::string& hash) {
  json result = json::object();
  result["matchLabels"] = selector.matchLabels;
  result["matchLabels"][kTemplateHashLabel] = hash;
  for (const auto& expression : selector.matchExpressions) {
    json entry = json::object();
    entry["key"] = expression.key;
    entry["operator"] = expression.operator_;
    if (!expression.values.empty()) entry["values"] = expression.values;
    result["matchExpressions"].push_back(std::move(entry));
  }
  return result;
}

// Zero is left out of the stored object.
json count_json(std::int64_t count) {
  return count == 0 ? json() : json(count);
}

json optional_json(std::optional<std::int64_t> count) {
  return count ? json(*count) : json();
}

json conditions_json(const std::vector<api::Condition>& conditions) {
  json result = json::array();
  for (const auto& condition : conditions) {
    json entry = json::object();
    entry["type"] = condition.type;
    entry["status"] = condition.status;
    entry["lastUpdateTime"] = condition.lastUpdateTime;
    entry["lastTransitionTime"] = condition.lastTransitionTime;
    if (!condition.reason.empty()) entry["reason"] = condition.reason;
    if (!condition.message.empty()) entry["message"] = condition.message;
    result.push_back(std::move(entry));
  }
  return result.empty() ? json() : result;
}

}  // namespace

Result<std::string> new_set_body(const api::Deployment& deployment, const DeploymentPlan& plan) {
  json pattern = json::parse(deployment.spec.template_.text, nullptr, false);
  if (!pattern.is_object()) return failure(400, "BadRequest", "the template is no object");
  if (!pattern["metadata"].is_object()) pattern["metadata"] = json::object();
  pattern["metadata"]["labels"][kTemplateHashLabel] = plan.hash;
  json metadata = json::object();
  metadata["name"] = plan.creation->name;
  metadata["labels"] = pattern["metadata"]["labels"];
  metadata["annotations"] = plan.creation->annotations;
  metadata["ownerReferences"] = json::array();
  metadata["ownerReferences"].push_back(controller_reference(api::kDeployments, deployment.metadata));
  json spec = json::object();
  spec["replicas"] = plan.creation->replicas;
  if (plan.creation->min_ready_seconds != 0) spec["minReadySeconds"] = plan.creation->min_ready_seconds;
  spec["selector"] = selector_json(deployment.spec.selector, plan.hash);
  spec["template"] = std::move(pattern);
  json set = json::object();
  set["apiVersion"] = api::kReplicaSets.api_version();
  set["kind"] = api::kReplicaSets.kind;
  set["metadata"] = std::move(metadata);
  set["spec"] = std::move(spec);
  return dump(set);
}

std::string set_patch(const SetChange& change) {
  json patch = json::object();
  patch["metadata"]["uid"] = change.uid;
  if (!change.annotations.empty()) patch["metadata"]["annotations"] = change.annotations;
  if (change.replicas) patch["spec"]["replicas"] = *change.replicas;
  if (change.min_ready_seconds) patch["spec"]["minReadySeconds"] = *change.min_ready_seconds;
  return dump(patch);
}

std::string status_patch(const api::Deployment& deployment, const api::DeploymentStatus& status,
                         const std::string& revision) {
  json body = json::object();
  body["observedGeneration"] = count_json(status.observedGeneration);
  body["replicas"] = count_json(status.replicas);
  body["updatedReplicas"] = count_json(status.updatedReplicas);
  body["readyReplicas"] = count_json(status.readyReplicas);
  body["availableReplicas"] = count_json(status.availableReplicas);
  body["unavailableReplicas"] = count_json(status.unavailableReplicas);
  body["terminatingReplicas"] = optional_json(status.terminatingReplicas);
  body["collisionCount"] = optional_json(status.collisionCount);
  body["conditions"] = conditions_json(status.conditions);
  json patch = json::object();
  patch["metadata"]["uid"] = deployment.metadata.uid;
  if (!revision.empty()) patch["metadata"]["annotations"][kRevision] = revision;
  patch["status"] = std::move(body);
  return dump(patch);
}

}  // namespace kubeloop::controller_manager
