#include "controller-manager/controllers/deployment/rollout_limits.hpp"

#include <algorithm>

#include "controller-manager/controllers/deployment/set_state.hpp"
#include "controller-manager/int_or_percent.hpp"

namespace kubeloop::controller_manager {

bool is_rolling(const api::Deployment& deployment) {
  return deployment.spec.strategy.type != "Recreate";
}

RolloutLimits rollout_limits(const api::Deployment& deployment) {
  RolloutLimits limits;
  if (!is_rolling(deployment)) return limits;
  std::int64_t wanted = wanted_replicas(deployment);
  std::string surge = "25%", unavailable = "25%";
  if (const auto& rolling = deployment.spec.strategy.rollingUpdate) {
    if (!rolling->maxSurge.empty()) surge = rolling->maxSurge;
    if (!rolling->maxUnavailable.empty()) unavailable = rolling->maxUnavailable;
  }
  limits.surge = int_or_percent(surge, wanted, true).value_or(0);
  limits.unavailable = int_or_percent(unavailable, wanted, false).value_or(0);
  if (limits.surge == 0 && limits.unavailable == 0) limits.unavailable = 1;
  limits.unavailable = std::min(limits.unavailable, wanted);
  return limits;
}

}  // namespace kubeloop::controller_manager
