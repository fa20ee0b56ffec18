// What a ReplicaSet should do: how many pods to make or delete, what they are made from, what its status says. Pure.
// Source: manageReplicas in Kubernetes' replica_set, calculateStatus in replica_set_utils, GetPodFromTemplate in
// controller_utils.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller-manager/controllers/replicaset/pod_tally.hpp"
#include "libs/api/views/workload.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::controller_manager {

// No more pods than that are ordered or deleted in one turn.
inline constexpr std::int64_t kBurstReplicas = 500;

// Positive: pods to make; negative: pods to delete. At most kBurstReplicas.
std::int64_t plan_replicas(const api::ReplicaSet& set, std::int64_t active);

// The body to POST; the hub appends five letters to the name. 400 when the template is no JSON.
Result<std::string> pod_from_template(const api::ReplicaSet& set);

// The merge patch for its status, or nothing when it says so already. `trouble` is why pods could not be made or
// deleted in this turn, null when all went well; `counts` are from before the turn.
std::optional<std::string> plan_status(const api::ReplicaSet& set, const ReplicaCounts& counts, const Status* trouble,
                                       WallTime now);

}  // namespace kubeloop::controller_manager
