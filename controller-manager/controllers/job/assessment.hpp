// Where a job stands: its pods counted, what has ended since the last accounting, and whether it is to end. Pure.
// Source: syncJob of Kubernetes' job controller.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller-manager/controllers/job/index_set.hpp"
#include "controller-manager/controllers/job/job_pods.hpp"
#include "controller-manager/controllers/job/pod_failure_policy.hpp"

namespace kubeloop::controller_manager {

using JobPtr = std::shared_ptr<const api::Job>;
using JobPods = std::vector<OwnedPods::Ptr>;

struct Assessment {
  JobPtr job;
  JobPods pods;    // by index where there are indexes, then by name
  JobPods active;  // not ended, not being deleted
  std::int64_t ready = 0, terminating = 0;
  std::int64_t succeeded = 0, failed = 0;  // with those that are not in the status yet
  JobPods newly_succeeded, newly_failed;
  std::set<std::string> tracked;  // uids of pods that still have the finalizer
  std::string start_time;         // the status' own, or now

  std::optional<PodFailurePolicy> failure_policy;
  IndexSet counted_indexes, succeeded_indexes;  // in the status; with the new ones
  std::optional<IndexSet> failed_indexes;       // with backoffLimitPerIndex
  std::map<std::int64_t, OwnedPods::Ptr>
      failed_last;  // with it: by index, the pod whose count its successor takes over

  // FailureTarget or SuccessCriteriaMet: it is to end for that reason. Failed: it was so already, and now can.
  std::optional<api::Condition> ending;
  std::optional<Duration> deadline_in;  // until spec.activeDeadlineSeconds have passed
};

// `freed`: uids of pods that lost their finalizer, though the informer has not told so yet.
Assessment assess(JobPtr job, JobPods pods, const std::set<std::string>& freed, WallTime now);

api::Condition job_condition(std::string type, std::string status, std::string reason, std::string message,
                             WallTime now);

}  // namespace kubeloop::controller_manager
