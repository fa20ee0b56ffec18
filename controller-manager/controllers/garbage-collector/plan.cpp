#include "controller-manager/controllers/garbage-collector/plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller-manager/controllers/garbage-collector/graph.hpp"
#include "libs/api/codec/json_text.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

// Whoever asked for another end of the object before is heeded.
std::string policy_of(const api::ObjectMeta& live) {
  if (has_finalizer(live, kOrphanFinalizer)) return "Orphan";
  if (has_finalizer(live, kForegroundFinalizer)) return "Foreground";
  return "Background";
}

json reference_json(const api::OwnerReference& reference) {
  json result = json::object();
  result["apiVersion"] = reference.apiVersion;
  result["kind"] = reference.kind;
  result["name"] = reference.name;
  result["uid"] = reference.uid;
  if (reference.controller) result["controller"] = true;
  if (reference.blockOwnerDeletion) result["blockOwnerDeletion"] = true;
  return result;
}

ReferencePatch make_patch(const api::ObjectMeta& live, json strategic, json merge) {
  json patch = json::object();
  patch["metadata"]["uid"] = live.uid;
  patch["metadata"]["ownerReferences"] = std::move(strategic);
  ReferencePatch result;
  result.strategic = api::json_text(patch);
  patch["metadata"]["resourceVersion"] = live.resourceVersion;
  patch["metadata"]["ownerReferences"] = std::move(merge);
  result.merge = api::json_text(patch);
  return result;
}

}  // namespace

CollectPlan plan_collection(const api::ObjectMeta& live, const std::vector<OwnerFinding>& owners, bool has_dependents,
                            bool has_deleting_dependent) {
  CollectPlan plan;
  if (owners.empty()) return plan;
  auto has = [&](OwnerState state) { return std::ranges::find(owners, state, &OwnerFinding::state) != owners.end(); };
  if (has(OwnerState::kSolid)) {
    // A reference to a waiting owner goes too: it would hold that owner back for ever.
    for (OwnerState state : {OwnerState::kDangling, OwnerState::kWaiting}) {
      for (const auto& owner : owners) {
        if (owner.state == state) plan.released.push_back(owner.uid);
      }
    }
    if (!plan.released.empty()) plan.kind = CollectPlan::Kind::kRelease;
    return plan;
  }
  plan.kind = CollectPlan::Kind::kDelete;
  if (has(OwnerState::kWaiting) && has_dependents) {
    plan.policy = "Foreground";
    plan.unblocks_first = has_deleting_dependent;
  } else {
    plan.policy = policy_of(live);
  }
  return plan;
}

ReferencePatch release_patch(const api::ObjectMeta& live, const std::vector<std::string>& owner_uids) {
  json strategic = json::array();
  for (const auto& uid : owner_uids) {
    json entry = json::object();
    entry["$patch"] = "delete";
    entry["uid"] = uid;
    strategic.push_back(std::move(entry));
  }
  json kept = json::array();
  for (const auto& reference : live.ownerReferences) {
    if (std::ranges::find(owner_uids, reference.uid) == owner_uids.end()) kept.push_back(reference_json(reference));
  }
  return make_patch(live, std::move(strategic), std::move(kept));
}

ReferencePatch unblock_patch(const api::ObjectMeta& live) {
  json strategic = json::array();
  json all = json::array();
  for (const auto& reference : live.ownerReferences) {
    auto entry = reference_json(reference);
    entry["blockOwnerDeletion"] = false;
    if (reference.blockOwnerDeletion) strategic.push_back(entry);
    all.push_back(std::move(entry));
  }
  return make_patch(live, std::move(strategic), std::move(all));
}

std::string finalizer_patch(const api::ObjectMeta& live, const char* finalizer) {
  if (!has_finalizer(live, finalizer)) return "";
  json kept = json::array();
  for (const auto& one : live.finalizers) {
    if (one != finalizer) kept.push_back(one);
  }
  json patch = json::object();
  patch["metadata"]["uid"] = live.uid;
  patch["metadata"]["resourceVersion"] = live.resourceVersion;
  patch["metadata"]["finalizers"] = kept.empty() ? json(nullptr) : std::move(kept);
  return api::json_text(patch);
}

}  // namespace kubeloop::controller_manager
