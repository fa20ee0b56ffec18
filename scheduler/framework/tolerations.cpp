#include "scheduler/framework/tolerations.hpp"

#include <algorithm>

namespace kubeloop::scheduler {
namespace {

bool matches(const api::Toleration& toleration, const api::Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) return false;
  if (!toleration.key.empty() && toleration.key != taint.key) return false;
  if (toleration.operator_ == "Exists") return true;
  // An empty key goes only with Exists.
  bool is_equal = toleration.operator_.empty() || toleration.operator_ == "Equal";
  return is_equal && !toleration.key.empty() && toleration.value == taint.value;
}

}  // namespace

bool is_tolerated(const api::Taint& taint, const std::vector<api::Toleration>& tolerations) {
  return std::any_of(tolerations.begin(), tolerations.end(),
                     [&](const api::Toleration& toleration) { return matches(toleration, taint); });
}

const api::Taint* find_untolerated(const std::vector<api::Taint>& taints,
                                   const std::vector<api::Toleration>& tolerations) {
  for (const auto& taint : taints) {
    if (taint.effect != "NoSchedule" && taint.effect != "NoExecute") continue;
    if (!is_tolerated(taint, tolerations)) return &taint;
  }
  return nullptr;
}

}  // namespace kubeloop::scheduler
