// Which pods a job should make or delete now. Pure: nothing is done here, and `now` comes in. Source: manageJob of
// Kubernetes' job controller.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller-manager/controllers/job/assessment.hpp"
#include "controller-manager/controllers/job/pod_backoff.hpp"

namespace kubeloop::controller_manager {

// No more pods than that are ordered or deleted in one turn, or stand in the status uncounted.
inline constexpr std::int64_t kMostJobPods = 500;

struct PodOrders {
  bool is_managed = false;  // the number of pods was looked after, so that suspension may be told
  JobPods deletes;
  bool frees_deleted = false;  // their finalizers go first: they do not count as failed
  std::int64_t creates = 0;
  std::vector<std::int64_t> indexes;  // of an Indexed job: one for each of `creates`
  std::optional<Duration> wait;       // until failed pods may be replaced
};

// `backoff`: with the pods that have just ended.
PodOrders plan_orders(const Assessment& assessment, const PodBackoff& backoff, WallTime now);

}  // namespace kubeloop::controller_manager
