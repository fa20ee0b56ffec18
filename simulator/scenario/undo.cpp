#include "simulator/scenario/undo.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "simulator/checks/find_resource.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr const char* kRevision = "deployment.kubernetes.io/revision";
constexpr const char* kHashLabel = "pod-template-hash";

std::int64_t revision_of(const json& object) {
  std::string text = object["metadata"].value("annotations", json::object()).value(kRevision, "");
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_controlled_by(const json& object, const std::string& uid) {
  for (const auto& owner : object["metadata"].value("ownerReferences", json::array())) {
    if (owner.value("controller", false) && owner.value("uid", "") == uid) return true;
  }
  return false;
}

// The Deployment's ReplicaSets by revision.
std::map<std::int64_t, json> revisions_of(const json& deployment, const json& replica_sets) {
  std::map<std::int64_t, json> revisions;
  std::string uid = deployment["metadata"].value("uid", "");
  for (const auto& set : replica_sets["items"]) {
    if (is_controlled_by(set, uid) && revision_of(set) > 0) revisions[revision_of(set)] = set;
  }
  return revisions;
}

// The annotations that the Deployment is to have: its own bookkeeping stays, everything else is that of the revision.
json annotations_after(const json& deployment, const json& replica_set) {
  static const char* kOwn[] = {"kubectl.kubernetes.io/last-applied-configuration",
                               kRevision,
                               "deployment.kubernetes.io/revision-history",
                               "deployment.kubernetes.io/desired-replicas",
                               "deployment.kubernetes.io/max-replicas",
                               "deprecated.deployment.rollback.to"};
  const json before = deployment["metadata"].value("annotations", json::object());
  json after = replica_set["metadata"].value("annotations", json::object());
  for (const char* name : kOwn) {
    after.erase(name);
    if (before.contains(name)) after[name] = before[name];
  }
  return after;
}

Result<json> rollback_patch(const json& deployment, const json& replica_sets, const UndoStep& step) {
  if (deployment["spec"].value("paused", false)) {
    return failure(400, "BadRequest", "cannot undo the rollout of a paused deployment; resume it first");
  }
  auto revisions = revisions_of(deployment, replica_sets);
  auto wanted = revisions.end();
  if (step.to_revision > 0) {
    wanted = revisions.find(step.to_revision);
  } else if (revisions.size() >= 2) {
    wanted = std::prev(revisions.end(), 2);
  }
  if (wanted == revisions.end())
    return failure(404, "NotFound", step.object.text() + ": no such revision to go back to");
  json pod_template = wanted->second["spec"]["template"];
  if (pod_template["metadata"].contains("labels")) pod_template["metadata"]["labels"].erase(kHashLabel);
  json patch = json::array();
  patch.push_back({{"op", "replace"}, {"path", "/spec/template"}, {"value", pod_template}});
  patch.push_back(
      {{"op", "replace"}, {"path", "/metadata/annotations"}, {"value", annotations_after(deployment, wanted->second)}});
  return patch;
}

}  // namespace

awaitable<Result<void>> undo_rollout(client::ApiClient& client, const UndoStep& step) {
  auto resource = find_resource(step.object.kind);
  if (!resource) co_return std::unexpected(resource.error());
  if (resource->kind != "Deployment") co_return failure(400, "BadRequest", step.object.text() + ": is no Deployment");
  std::string namespace_ = step.object.namespace_.empty() ? "default" : step.object.namespace_;
  client::Cause cause;
  auto deployment = co_await client.get(*resource, namespace_, step.object.name, cause);
  if (!deployment) co_return std::unexpected(deployment.error());
  client::ListOptions options;
  options.namespace_ = namespace_;
  auto sets = co_await client.list(api::kReplicaSets, options);
  if (!sets) co_return std::unexpected(sets.error());
  auto before = json::parse(*deployment, nullptr, false);
  auto replica_sets = json::parse(*sets, nullptr, false);
  if (!before.is_object() || !replica_sets.is_object()) {
    co_return failure(500, "InternalError", "the server's answer cannot be read");
  }
  auto patch = rollback_patch(before, replica_sets, step);
  if (!patch) co_return std::unexpected(patch.error());
  std::string body = patch->dump();
  auto type = client::PatchType::kJson;
  auto patched = co_await client.patch(*resource, namespace_, step.object.name, type, body, cause);
  if (!patched) co_return std::unexpected(patched.error());
  co_return Result<void>();
}

}  // namespace kubeloop::simulator
