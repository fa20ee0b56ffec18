#include "controller-manager/controllers/replicaset/plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller-manager/controller_refs.hpp"
#include "controller-manager/status_json.hpp"
#include "libs/api/codec/json_text.hpp"
#include "libs/api/resource.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestName = 253;

// Nothing when the conditions stay as they are. A failure that is told already keeps its first words.
std::optional<std::vector<api::Condition>> plan_conditions(const api::ReplicaSet& set, std::int64_t active,
                                                           const Status* trouble, WallTime now) {
  const auto* failure = api::find_condition(set.status.conditions, "ReplicaFailure");
  if ((trouble != nullptr) == (failure != nullptr)) return std::nullopt;
  auto conditions = set.status.conditions;
  std::erase_if(conditions, [](const auto& condition) { return condition.type == "ReplicaFailure"; });
  if (!trouble) return conditions;
  std::int64_t wanted = set.spec.replicas.value_or(1);
  api::Condition condition;
  condition.type = "ReplicaFailure";
  condition.status = "True";
  condition.lastTransitionTime = api::format_time(now);
  if (active != wanted) condition.reason = active < wanted ? "FailedCreate" : "FailedDelete";
  condition.message = trouble->message;
  conditions.push_back(std::move(condition));
  return conditions;
}

}  // namespace

std::int64_t plan_replicas(const api::ReplicaSet& set, std::int64_t active) {
  return std::clamp(set.spec.replicas.value_or(1) - active, -kBurstReplicas, kBurstReplicas);
}

Result<std::string> pod_from_template(const api::ReplicaSet& set) {
  json pattern = json::parse(set.spec.template_.text, nullptr, false);
  if (!pattern.is_object()) return failure(400, "BadRequest", "the template is no object");
  json metadata = json::object();
  metadata["generateName"] = set.metadata.name.size() < kLongestName ? set.metadata.name + "-" : set.metadata.name;
  json old_metadata = pattern.value("metadata", json::object());
  for (const char* part : {"labels", "annotations", "finalizers"}) {
    if (!old_metadata.is_object()) break;
    auto it = old_metadata.find(part);
    if (it != old_metadata.end() && !it->empty()) metadata[part] = *it;
  }
  metadata["ownerReferences"] = json::array();
  metadata["ownerReferences"].push_back(controller_reference(api::kReplicaSets, set.metadata));
  json pod = json::object();
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  pod["metadata"] = std::move(metadata);
  pod["spec"] = pattern.value("spec", json::object());
  return api::json_text(pod);
}

std::optional<std::string> plan_status(const api::ReplicaSet& set, const ReplicaCounts& counts, const Status* trouble,
                                       WallTime now) {
  const auto& old = set.status;
  auto conditions = plan_conditions(set, counts.active, trouble, now);
  if (!conditions && old.replicas == counts.active && old.fullyLabeledReplicas == counts.fully_labeled &&
      old.readyReplicas == counts.ready && old.availableReplicas == counts.available &&
      old.terminatingReplicas == counts.terminating && old.observedGeneration == set.metadata.generation) {
    return std::nullopt;
  }
  json status = json::object();
  status["replicas"] = counts.active;
  status["fullyLabeledReplicas"] = unless_zero(counts.fully_labeled);
  status["readyReplicas"] = unless_zero(counts.ready);
  status["availableReplicas"] = unless_zero(counts.available);
  status["terminatingReplicas"] = counts.terminating;
  status["observedGeneration"] = unless_zero(set.metadata.generation);
  if (conditions) status["conditions"] = conditions_json(*conditions);
  json patch = json::object();
  patch["metadata"]["uid"] = set.metadata.uid;
  patch["status"] = std::move(status);
  return api::json_text(patch);
}

}  // namespace kubeloop::controller_manager
