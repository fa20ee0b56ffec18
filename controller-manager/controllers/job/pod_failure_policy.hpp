// What the failure of one pod means for its job: spec.podFailurePolicy. Pure. Source: pod_failure_policy.go of
// Kubernetes' job controller.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/api/views/pod.hpp"
#include "libs/api/views/workload.hpp"

namespace kubeloop::controller_manager {

struct ExitCodes {
  std::string containerName, operator_;
  std::vector<std::int64_t> values;
};
BOOST_DESCRIBE_STRUCT(ExitCodes, (), (containerName, operator_, values))
struct PodConditionPattern {
  std::string type, status;
};
BOOST_DESCRIBE_STRUCT(PodConditionPattern, (), (type, status))
struct PodFailureRule {
  std::string action;
  std::optional<ExitCodes> onExitCodes;
  std::vector<PodConditionPattern> onPodConditions;
};
BOOST_DESCRIBE_STRUCT(PodFailureRule, (), (action, onExitCodes, onPodConditions))
struct PodFailurePolicy {
  std::vector<PodFailureRule> rules;
};
BOOST_DESCRIBE_STRUCT(PodFailurePolicy, (), (rules))

// Nothing when the job has none.
std::optional<PodFailurePolicy> pod_failure_policy_of(const api::Job& job);

struct FailureVerdict {
  bool is_counted = true;
  bool fails_index = false;
  std::string fails_job;  // the message with which the job fails; "" when it does not
};
// The first rule that matches decides.
FailureVerdict judge_failure(const std::optional<PodFailurePolicy>& policy, const api::Pod& pod);

}  // namespace kubeloop::controller_manager
