#include "controller-manager/controllers/taint-eviction/plan.hpp"

#include <algorithm>
#include <limits>

namespace kubeloop::controller_manager {
namespace {

EvictionVerdict verdict(EvictionVerdict::Kind kind, Duration after = Duration::zero()) {
  EvictionVerdict result;
  result.kind = kind;
  result.after = after;
  return result;
}

// More than that is for ever, and would not fit a Duration.
constexpr std::int64_t kLongestSeconds = 100LL * 365 * 24 * 3600;

}  // namespace

std::vector<api::Taint> no_execute_taints(const api::Node& node) {
  std::vector<api::Taint> result;
  for (const auto& taint : node.spec.taints) {
    if (taint.effect == "NoExecute") result.push_back(taint);
  }
  return result;
}

bool tolerates(const api::Toleration& toleration, const api::Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) return false;
  if (!toleration.key.empty() && toleration.key != taint.key) return false;
  if (toleration.operator_.empty() || toleration.operator_ == "Equal") return toleration.value == taint.value;
  return toleration.operator_ == "Exists";
}

EvictionVerdict plan_eviction(const std::vector<api::Taint>& taints, const std::vector<api::Toleration>& tolerations) {
  using Kind = EvictionVerdict::Kind;
  std::int64_t shortest = kLongestSeconds;
  for (const auto& taint : taints) {
    auto it = std::ranges::find_if(tolerations, [&](const auto& toleration) { return tolerates(toleration, taint); });
    if (it == tolerations.end()) return verdict(Kind::kNow);
    if (it->tolerationSeconds) shortest = std::min(shortest, *it->tolerationSeconds);
  }
  if (shortest <= 0) return verdict(Kind::kNow);
  if (shortest == kLongestSeconds) return verdict(Kind::kNever);
  return verdict(Kind::kLater, std::chrono::seconds(shortest));
}

}  // namespace kubeloop::controller_manager
