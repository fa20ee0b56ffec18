#include "controller-manager/controllers/deployment/bodies.hpp"

#include <nlohmann/json.hpp>

#include "controller-manager/controller_refs.hpp"
#include "controller-manager/controllers/deployment/revisions.hpp"
#include "controller-manager/controllers/deployment/template_hash.hpp"
#include "controller-manager/status_json.hpp"
#include "libs/api/codec/json_text.hpp"
#include "libs/api/resource.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

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

json optional_json(std::optional<std::int64_t> count) {
  return count ? json(*count) : json();
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
  return api::json_text(set);
}

std::string set_patch(const SetChange& change) {
  json patch = json::object();
  patch["metadata"]["uid"] = change.uid;
  if (!change.annotations.empty()) patch["metadata"]["annotations"] = change.annotations;
  if (change.replicas) patch["spec"]["replicas"] = *change.replicas;
  if (change.min_ready_seconds) patch["spec"]["minReadySeconds"] = *change.min_ready_seconds;
  return api::json_text(patch);
}

std::string status_patch(const api::Deployment& deployment, const api::DeploymentStatus& status,
                         const std::string& revision) {
  json body = json::object();
  body["observedGeneration"] = unless_zero(status.observedGeneration);
  body["replicas"] = unless_zero(status.replicas);
  body["updatedReplicas"] = unless_zero(status.updatedReplicas);
  body["readyReplicas"] = unless_zero(status.readyReplicas);
  body["availableReplicas"] = unless_zero(status.availableReplicas);
  body["unavailableReplicas"] = unless_zero(status.unavailableReplicas);
  body["terminatingReplicas"] = optional_json(status.terminatingReplicas);
  body["collisionCount"] = optional_json(status.collisionCount);
  body["conditions"] = conditions_json(status.conditions);
  json patch = json::object();
  patch["metadata"]["uid"] = deployment.metadata.uid;
  if (!revision.empty()) patch["metadata"]["annotations"][kRevision] = revision;
  patch["status"] = std::move(body);
  return api::json_text(patch);
}

}  // namespace kubeloop::controller_manager
