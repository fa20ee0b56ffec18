// The numbers of a deployment's templates, and what else stands in the annotations of its ReplicaSets. Pure. Source:
// SetNewReplicaSetAnnotations, MaxRevision and SetReplicasAnnotations in Kubernetes' deployment_util.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "controller-manager/controllers/deployment/set_state.hpp"

namespace kubeloop::controller_manager {

inline constexpr const char* kRevision = "deployment.kubernetes.io/revision";
inline constexpr const char* kRevisionHistory = "deployment.kubernetes.io/revision-history";
inline constexpr const char* kDesiredReplicas = "deployment.kubernetes.io/desired-replicas";
inline constexpr const char* kMaxReplicas = "deployment.kubernetes.io/max-replicas";

// A whole number in that annotation, or nothing.
std::optional<std::int64_t> number_in(const api::StringMap& annotations, const char* key);

// 0 when none has a number.
std::int64_t highest_revision(const std::vector<SetState>& sets);

// Copies the deployment's annotations (without kubectl's and our own) to its current set and raises the set's number to
// `revision`; a number that it had before goes into its history.
void mark_current(SetState& set, const api::Deployment& deployment, std::int64_t revision);

// Notes for which size of the deployment the set was scaled.
void mark_size(SetState& set, const api::Deployment& deployment);

}  // namespace kubeloop::controller_manager
