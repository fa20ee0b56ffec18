// How far a rolling update may go beyond and below the wanted number of pods. Pure. Source: ResolveFenceposts, MaxSurge
// and MaxUnavailable in Kubernetes' deployment_util.
#pragma once
#include <cstdint>

#include "libs/api/views/workload.hpp"

namespace kubeloop::controller_manager {

struct RolloutLimits {
  std::int64_t surge = 0;
  std::int64_t unavailable = 0;
};

// Surge rounds up, unavailable down; both 0 means that one may be unavailable. Both are 0 for strategies other than
// RollingUpdate. A malformed bound is 0.
RolloutLimits rollout_limits(const api::Deployment& deployment);

// The strategy is not Recreate.
bool is_rolling(const api::Deployment& deployment);

}  // namespace kubeloop::controller_manager
