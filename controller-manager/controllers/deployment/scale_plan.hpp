// What becomes of a deployment's sets when spec.replicas changes: not a step of the rollout, every set keeps its share.
// Pure. Source: isScalingEvent and scale in Kubernetes' deployment controller's sync.go, GetReplicaSetProportion in
// deployment_util.
#pragma once
#include "controller-manager/controllers/deployment/set_state.hpp"

namespace kubeloop::controller_manager {

// Whether a set with pods was scaled for another size of the deployment.
bool is_scaling_event(const api::Deployment& deployment, const SetStates& sets);

// Scales the only set with pods (or the latest) to the wanted size; with several, stops the old ones when the current
// is complete, and otherwise gives each its share of wanted size plus surge, what remains to the largest.
void scale_sets(const api::Deployment& deployment, SetStates& sets);

}  // namespace kubeloop::controller_manager
