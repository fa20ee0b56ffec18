// How the counts in the status of a Deployment or ReplicaSet must add up. Pure. Source: ValidateDeploymentStatus and
// ValidateReplicaSetStatus in Kubernetes' apps/validation.
#pragma once
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// status.NAME counts some of status.replicas.
void check_at_most_replicas(const Json& status, const char* name, FieldErrors& errors);
// Ready pods are some of all, available ones some of the ready.
void check_ready_and_available(const Json& status, FieldErrors& errors);

}  // namespace kubeloop::apiserver
