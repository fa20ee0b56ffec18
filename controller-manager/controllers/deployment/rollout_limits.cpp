#include "controller-manager/controllers/deployment/rollout_limits.hpp"

#include <algorithm>
#include <charconv>

#include "controller-manager/controllers/deployment/set_state.hpp"

namespace kubeloop::controller_manager {

std::int64_t int_or_percent(const std::string& text, std::int64_t total, bool rounds_up) {
  bool is_percent = text.ends_with('%');
  const char* end = text.data() + text.size() - (is_percent ? 1 : 0);
  std::int64_t value = 0;
  auto [read, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || read != end) return 0;
  if (!is_percent) return value;
  return (value * total + (rounds_up ? 99 : 0)) / 100;
}

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
  limits.surge = int_or_percent(surge, wanted, true);
  limits.unavailable = int_or_percent(unavailable, wanted, false);
  if (limits.surge == 0 && limits.unavailable == 0) limits.unavailable = 1;
  limits.unavailable = std::min(limits.unavailable, wanted);
  return limits;
}

}  // namespace kubeloop::controller_manager
