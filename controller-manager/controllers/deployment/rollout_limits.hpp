// How far a rolling update may go beyond and below the wanted number of pods. Pure. Source: ResolveFenceposts, MaxSurge
// and MaxUnavailable in Kubernetes' deployment_util.
#pragma once
#include <cstdint>
#include <string>

#include "libs/api/views/workload.hpp"

namespace kubeloop::controller_manager {

// "3" or "25%" of `total`, the percentage rounded up or down; 0 when malformed.
std::int64_t int_or_percent(const std::string& text, std::int64_t total, bool rounds_up);

struct RolloutLimits {
  std::int64_t surge = 0;
  std::int64_t unavailable = 0;
};

// Surge rounds up, unavailable down; both 0 means that one may be unavailable. Both are 0 for strategies other than
// RollingUpdate.
RolloutLimits rollout_limits(const api::Deployment& deployment);

bool is_rolling(const api::Deployment& deployment);

}  // namespace kubeloop::controller_manager
