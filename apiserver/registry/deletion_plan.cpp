#include "apiserver/registry/deletion_plan.hpp"

#include <algorithm>

#include "apiserver/registry/metadata.hpp"
#include "libs/api/time.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr const char* kOrphan = "orphan";
constexpr const char* kForeground = "foregroundDeletion";

bool has_finalizer(const Json& object, const char* name) {
  const auto& finalizers = member(member(object, "metadata"), "finalizers");
  return finalizers.is_array() && std::find(finalizers.begin(), finalizers.end(), name) != finalizers.end();
}

// The garbage collector's two finalizers, as the options, the object itself or its kind ask for them.
void adjust_finalizers(Json& object, const DeleteOptions& options, bool is_collectable,
                       bool orphans_by_default = false) {
  bool is_explicit = !options.propagation_policy.empty() || options.orphan_dependents.has_value();
  bool orphan = is_explicit
                    ? options.propagation_policy == "Orphan" || options.orphan_dependents.value_or(false)
                    : has_finalizer(object, kOrphan) || (orphans_by_default && !has_finalizer(object, kForeground));
  bool foreground = is_explicit ? options.propagation_policy == "Foreground" : has_finalizer(object, kForeground);
  Json kept = Json::array();
  for (const auto& one : member(member(object, "metadata"), "finalizers")) {
    if (one != kOrphan && one != kForeground) kept.push_back(one);
  }
  if (is_collectable && orphan) kept.push_back(kOrphan);
  if (is_collectable && foreground) kept.push_back(kForeground);
  auto& metadata = object["metadata"];
  if (kept.empty()) {
    metadata.erase("finalizers");
  } else {
    metadata["finalizers"] = std::move(kept);
  }
}

bool has_finalizers(const Json& object) {
  return !member(member(object, "metadata"), "finalizers").empty();
}

void bump_generation_for_deletion(Json& metadata) {
  const auto& generation = member(metadata, "generation");
  if (generation.is_number_integer() && generation.get<std::int64_t>() > 0) {
    metadata["generation"] = generation.get<std::int64_t>() + 1;
  }
}

std::int64_t grace_of_pod(const Json& pod, const DeleteOptions& options) {
  const auto& spec = member(pod, "spec");
  const auto& own = member(spec, "terminationGracePeriodSeconds");
  std::int64_t grace = options.grace_seconds.value_or(own.is_number_integer() ? own.get<std::int64_t>() : 0);
  // Nobody would finish the deletion of a pod that no kubelet has, or whose containers have ended.
  if (text_at(spec, "nodeName").empty()) grace = 0;
  auto phase = text_at(member(pod, "status"), "phase");
  if (phase == "Succeeded" || phase == "Failed") grace = 0;
  return grace < 0 ? 1 : grace;
}

void mark(Json& object, WallTime at, std::int64_t grace) {
  object["metadata"]["deletionTimestamp"] = api::format_time(at);
  object["metadata"]["deletionGracePeriodSeconds"] = grace;
}

// A second DELETE can only bring the end nearer; false when it does not.
bool shorten(Json& object, const DeleteOptions& options, WallTime now) {
  const auto& metadata = member(object, "metadata");
  auto before = member(metadata, "deletionGracePeriodSeconds").get<std::int64_t>();
  if (!options.grace_seconds || *options.grace_seconds == before) return false;
  if (*options.grace_seconds > before && !is_planted("deletion-can-be-put-off")) return false;
  auto grace = std::max<std::int64_t>(*options.grace_seconds, 0);
  auto old_end = api::parse_time(text_at(metadata, "deletionTimestamp")).value_or(now);
  auto end = old_end - std::chrono::seconds(before) + std::chrono::seconds(grace);
  if (end < now) {
    grace = grace != 0 ? 1 : 0;
    end = now + std::chrono::seconds(grace);
  }
  mark(object, end, grace);
  return true;
}

DeletionPlan plan_graceful(Json object, const DeleteOptions& options, WallTime now) {
  DeletionPlan plan;
  const auto& metadata = member(object, "metadata");
  if (!text_at(metadata, "deletionTimestamp").empty()) {
    if (!member(metadata, "deletionGracePeriodSeconds").is_number_integer()) {
      plan.kind = has_finalizers(object) ? DeletionPlan::Kind::kPending : DeletionPlan::Kind::kRemove;
      return plan;
    }
    bool was_over = member(metadata, "deletionGracePeriodSeconds") == 0;
    if (!shorten(object, options, now)) {
      // Over already and held by nothing: a removal that was cut short.
      plan.kind = was_over && !has_finalizers(object) ? DeletionPlan::Kind::kRemove : DeletionPlan::Kind::kPending;
      return plan;
    }
  } else {
    auto grace = grace_of_pod(object, options);
    mark(object, now + std::chrono::seconds(grace), grace);
    bump_generation_for_deletion(object["metadata"]);
  }
  adjust_finalizers(object, options, true);
  bool is_over = member(member(object, "metadata"), "deletionGracePeriodSeconds") == 0;
  plan.kind = is_over && !has_finalizers(object) ? DeletionPlan::Kind::kMarkThenRemove : DeletionPlan::Kind::kMark;
  plan.object = std::move(object);
  return plan;
}

// Terminating until the namespace controller has emptied spec.finalizers.
DeletionPlan plan_namespace(Json object, const DeleteOptions& options, WallTime now) {
  DeletionPlan plan;
  bool is_going = !deletion_timestamp(object).empty();
  bool is_held = !member(member(object, "spec"), "finalizers").empty();
  if (!is_going) {
    mark(object, now, 0);
    object["status"]["phase"] = "Terminating";
    adjust_finalizers(object, options, true);
    is_held = is_held || has_finalizers(object);
    plan.kind = is_held ? DeletionPlan::Kind::kMark : DeletionPlan::Kind::kMarkThenRemove;
    plan.object = std::move(object);
  } else {
    plan.kind = is_held || has_finalizers(object) ? DeletionPlan::Kind::kPending : DeletionPlan::Kind::kRemove;
  }
  return plan;
}

}  // namespace

DeletionPlan plan_deletion(const Json& current, const Strategy& strategy, const DeleteOptions& options, WallTime now) {
  if (strategy.deletes_gracefully) return plan_graceful(current, options, now);
  if (strategy.resource == "namespaces") return plan_namespace(current, options, now);
  DeletionPlan plan;
  Json object = current;
  adjust_finalizers(object, options, strategy.resource != "events", strategy.orphans_by_default);
  if (!has_finalizers(object) || is_planted("hub-removes-despite-finalizers")) return plan;
  bool is_going = !deletion_timestamp(object).empty();
  if (!is_going) {
    mark(object, now, 0);
    bump_generation_for_deletion(object["metadata"]);
  }
  plan.kind = object == current ? DeletionPlan::Kind::kPending : DeletionPlan::Kind::kMark;
  plan.object = std::move(object);
  return plan;
}

}  // namespace kubeloop::apiserver
