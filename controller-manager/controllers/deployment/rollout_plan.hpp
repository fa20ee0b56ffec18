// One step from the old template to the current one. Pure: moves `replicas` of the states. Source: Kubernetes'
// deployment controller, rolling.go, recreate.go, and NewRSNewReplicas in deployment_util.
#pragma once
#include "controller-manager/controllers/deployment/set_state.hpp"

namespace kubeloop::controller_manager {

// How large the current set should be now: as large as the surge allows, at most as wanted.
std::int64_t current_set_size(const api::Deployment& deployment, const SetStates& sets);

// Sets the size and notes what it was scaled for; nothing happens when it has that size.
void scale_set(SetState& set, std::int64_t size, const api::Deployment& deployment);

// A step of a rolling update: the current set is scaled, or else the old ones are scaled down, unhealthy replicas
// first, as far as enough pods stay available. Returns whether anything was scaled.
bool roll_one_step(const api::Deployment& deployment, SetStates& sets);

// A step of Recreate: all old sets to 0. Returns whether anything was scaled.
bool stop_old_sets(const api::Deployment& deployment, SetStates& sets);
// Whether the old sets still have pods that have not ended.
bool are_old_pods_running(const SetStates& sets);

// Old sets that history need not keep: without pods, beyond revisionHistoryLimit, the lowest revisions first.
std::vector<const SetState*> sets_to_remove(const api::Deployment& deployment, const SetStates& sets);

}  // namespace kubeloop::controller_manager
