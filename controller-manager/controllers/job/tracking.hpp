// The accounting of a job's ended pods, in two writes of its status: first the uids of pods that have ended and why the
// job is to end, then the finalizers of those pods go, then the counts and how it ended. A controller that dies between
// any two of them is followed by one that counts each pod once. Pure. Source: trackJobStatusAndRemoveFinalizers of
// Kubernetes' job controller.
#pragma once
#include <optional>
#include <set>
#include <string>

#include "controller-manager/controllers/job/assessment.hpp"
#include "controller-manager/controllers/job/plan.hpp"

namespace kubeloop::controller_manager {

// What became of the orders.
struct OrderOutcome {
  std::int64_t created = 0;
  std::int64_t deleted = 0;
  std::int64_t deleted_ready = 0;
};

struct Tracking {
  api::JobStatus status;  // of the first write; the second goes on from it
  bool needs_write = false;
  JobPods to_free;                       // whose finalizers go between the writes
  std::optional<api::Condition> ending;  // Complete or Failed: what the second write adds when all is counted
  bool is_partial = false;               // there were too many pods for one turn
  std::string suspension;                // Suspended or Resumed, when that has just come about
};

Tracking plan_tracking(const Assessment& assessment, const PodOrders& orders, const OrderOutcome& outcome,
                       WallTime now);

// Moves uids without a finalizer from the uncounted ones to the counts; false when there were none.
bool count_freed(api::JobStatus& status, const std::set<std::string>& tracked);

// Adds the final condition when nothing is uncounted or terminating any more; false when it is not time yet.
bool conclude(Tracking& tracking, WallTime now);

}  // namespace kubeloop::controller_manager
