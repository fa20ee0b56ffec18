// Which pods go first when a ReplicaSet has too many. Pure. Source: ActivePodsWithRanks in Kubernetes'
// controller_utils.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controller-manager/owned_pods.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

// The `count` pods to delete of `pods`, the first to go first: unassigned, then Pending before Unknown before Running,
// not ready, the lower controller.kubernetes.io/pod-deletion-cost, those on the nodes with more `neighbours`, those
// ready for less time, with more restarts, the younger. Times count in powers of two; within one power Kubernetes takes
// the uid at once, here restarts and age are asked before it, so that the order has no cycles.
// `neighbours`: how many active pods of the related sets each node has.
std::vector<OwnedPods::Ptr> pods_to_delete(std::vector<OwnedPods::Ptr> pods, std::size_t count,
                                           const std::map<std::string, std::int64_t>& neighbours, WallTime now);

}  // namespace kubeloop::controller_manager
