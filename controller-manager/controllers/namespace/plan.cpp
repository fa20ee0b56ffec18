#include "controller-manager/controllers/namespace/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller-manager/status_json.hpp"
#include "libs/api/codec/json_text.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

// What garbage collection or another controller may take for its finalizer.
constexpr std::int64_t kFinalizerEstimate = 15;
constexpr Duration kFirstRetry = std::chrono::milliseconds(5);
constexpr Duration kLongestRetry = std::chrono::seconds(60);

// The condition is True, and says what is bad, unless that is empty.
WantedCondition troubled_by(const char* type, const char* bad_reason, std::string bad, const char* good_reason,
                            const char* good) {
  WantedCondition wanted;
  wanted.type = type;
  wanted.status = bad.empty() ? "False" : "True";
  wanted.reason = bad.empty() ? good_reason : bad_reason;
  wanted.message = bad.empty() ? good : std::move(bad);
  return wanted;
}

std::string joined(const char* prefix, std::vector<std::string> parts) {
  if (parts.empty()) return "";
  std::ranges::sort(parts);
  return fmt::format("{}{}", prefix, fmt::join(parts, ", "));
}

std::string failed_text(const ContentRemoval& removal) {
  std::vector<std::string> parts;
  for (const auto& kind : removal.kinds) {
    if (!kind.error.empty()) parts.push_back(kind.error);
  }
  return joined(fmt::format("Failed to delete all resource types, {} remaining: ", parts.size()).c_str(), parts);
}

std::string remaining_text(const ContentRemoval& removal) {
  std::vector<std::string> parts;
  for (const auto& kind : removal.kinds) {
    if (kind.remaining > 0)
      parts.push_back(fmt::format("{}.{} has {} resource instances", kind.plural, kind.group, kind.remaining));
  }
  return joined("Some resources are remaining: ", std::move(parts));
}

std::string finalizers_text(const ContentRemoval& removal) {
  std::map<std::string, std::int64_t> totals;
  for (const auto& kind : removal.kinds) {
    for (const auto& [name, count] : kind.finalizers) totals[name] += count;
  }
  std::vector<std::string> parts;
  for (const auto& [name, count] : totals) parts.push_back(fmt::format("{} in {} resource instances", name, count));
  return joined("Some content in the namespace has finalizers remaining: ", std::move(parts));
}

// In the order in which Kubernetes writes them.
std::vector<WantedCondition> wanted_conditions(const ContentRemoval& removal) {
  return {
      troubled_by("NamespaceDeletionDiscoveryFailure", "DiscoveryFailed", removal.discovery_error,
                  "ResourcesDiscovered", "All resources successfully discovered"),
      troubled_by("NamespaceDeletionGroupVersionParsingFailure", "", "", "ParsedGroupVersions",
                  "All legacy kube types successfully parsed"),
      troubled_by("NamespaceDeletionContentFailure", "ContentDeletionFailed", failed_text(removal), "ContentDeleted",
                  "All content successfully deleted, may be waiting on finalization"),
      troubled_by("NamespaceContentRemaining", "SomeResourcesRemain", remaining_text(removal), "ContentRemoved",
                  "All content successfully removed"),
      troubled_by("NamespaceFinalizersRemaining", "SomeFinalizersRemain", finalizers_text(removal),
                  "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
  };
}

}  // namespace

std::int64_t ContentRemoval::estimate_seconds() const {
  std::int64_t longest = 0;
  for (const auto& kind : kinds) longest = std::max(longest, kind.estimate_seconds);
  return longest;
}

std::string ContentRemoval::error() const {
  std::vector<std::string> parts;
  if (!discovery_error.empty()) parts.push_back(discovery_error);
  for (const auto& kind : kinds) {
    if (kind.error.empty()) continue;
    parts.push_back(kind.is_pods() ? "failed to delete pods: " + kind.error : kind.error);
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

void judge_remaining(KindRemoval& kind, const std::string& namespace_, const std::vector<api::ObjectMeta>& left) {
  kind.remaining = static_cast<std::int64_t>(left.size());
  if (left.empty()) {
    kind.estimate_seconds = 0;
    return;
  }
  for (const auto& metadata : left) {
    for (const auto& finalizer : metadata.finalizers) ++kind.finalizers[finalizer];
  }
  if (kind.estimate_seconds != 0) return;
  if (!kind.finalizers.empty()) {
    kind.estimate_seconds = kFinalizerEstimate;
    return;
  }
  kind.error = fmt::format("unexpected items still remain in namespace: {} for gvr: {}/{}, Resource={}", namespace_,
                           kind.group, kind.version, kind.plural);
}

std::int64_t pods_estimate(const std::vector<std::shared_ptr<const api::Pod>>& pods, const api::Namespace& namespace_,
                           WallTime now) {
  std::int64_t longest = 0;
  for (const auto& pod : pods) {
    if (!pod->is_terminal()) longest = std::max(longest, pod->spec.terminationGracePeriodSeconds.value_or(0));
  }
  auto since = api::parse_time(namespace_.metadata.deletionTimestamp);
  if (since && now - *since >= std::chrono::seconds(longest)) return 0;
  return longest;
}

Duration retry_delay(int failures) {
  Duration delay = kFirstRetry;
  for (int i = 0; i < failures && delay < kLongestRetry; ++i) delay *= 2;
  return std::min(delay, kLongestRetry);
}

std::optional<std::string> plan_conditions(const api::Namespace& namespace_, const ContentRemoval& removal,
                                           WallTime now) {
  json conditions = json::array();
  for (const auto& wanted : wanted_conditions(removal)) {
    auto change = condition_change(namespace_.status.conditions, wanted, now);
    if (change) conditions.push_back(std::move(*change));
  }
  if (conditions.empty()) return std::nullopt;
  json patch = json::object();
  patch["metadata"]["uid"] = namespace_.metadata.uid;
  patch["status"]["conditions"] = std::move(conditions);
  return api::json_text(patch);
}

Result<std::string> finalized_body(const std::string& namespace_json) {
  json document = json::parse(namespace_json, nullptr, false);
  if (!document.is_object()) return failure(500, "InternalError", "the namespace cannot be read");
  json kept = json::array();
  if (document.contains("spec") && document["spec"].is_object()) {
    for (const auto& one : document["spec"].value("finalizers", json::array())) {
      if (one != kNamespaceFinalizer) kept.push_back(one);
    }
  }
  document["spec"] = json::object();
  document["spec"]["finalizers"] = std::move(kept);
  return api::json_text(document);
}

}  // namespace kubeloop::controller_manager
