// What a deployment says of itself: its numbers and its conditions, in Kubernetes' order and words. Pure. Source:
// calculateStatus in Kubernetes' deployment controller's sync.go, progress.go, and deployment_util.
#pragma once
#include <optional>
#include <string>

#include "controller-manager/controllers/deployment/set_state.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

// A condition that is there with that status and reason stays as it is; any other goes to the end of the list, with its
// lastTransitionTime when only the reason is new.
void set_rollout_condition(std::vector<api::Condition>& conditions, const std::string& type, const std::string& status,
                           const std::string& reason, const std::string& message, WallTime now);

// Whether progressDeadlineSeconds means anything.
bool has_deadline(const api::Deployment& deployment);

// Progressing becomes Unknown when the deployment is paused and when it goes on, so that the deadline does not count
// meanwhile.
void note_pause(const api::Deployment& deployment, std::vector<api::Condition>& conditions, WallTime now);

// Whether the rollout is over: all pods are of the current template and available.
bool is_complete(const api::Deployment& deployment, const api::DeploymentStatus& status);

// The status without an estimate of progress; `conditions` are those to go on from.
api::DeploymentStatus plan_status(const api::Deployment& deployment, const SetStates& sets,
                                  std::vector<api::Condition> conditions, WallTime now);

// The status during a rollout: Progressing says whether it gets on, ReplicaFailure what the sets complain of.
api::DeploymentStatus plan_rollout_status(const api::Deployment& deployment, const SetStates& sets,
                                          std::vector<api::Condition> conditions, WallTime now);

// When to look whether the rollout is stuck; nothing when it is complete or known to be.
std::optional<Duration> next_progress_check(const api::Deployment& deployment, const api::DeploymentStatus& status,
                                            WallTime now);

bool is_same(const api::DeploymentStatus& a, const api::DeploymentStatus& b);

}  // namespace kubeloop::controller_manager
