// How long a job waits before it replaces failed pods: 10 s after the first failure, twice as long after each further
// one, at most 10 min; a success starts anew. Kept in memory only, as Kubernetes does. Pure. Source: backoff_utils.go
// of Kubernetes' job controller.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "controller-manager/owned_pods.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

struct PodBackoff {
  std::int64_t failures = 0;  // since the last success
  std::optional<WallTime> last_failure;

  // With pods that have just ended.
  PodBackoff after(const std::vector<OwnedPods::Ptr>& succeeded, const std::vector<OwnedPods::Ptr>& failed) const;
  // Zero when pods may be made.
  Duration remaining(WallTime now) const;
};

}  // namespace kubeloop::controller_manager
