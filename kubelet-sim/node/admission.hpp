// Whether a node takes a pod that was bound to it: pure. Source: the kubelet's lifecycle/predicate.go and the
// scheduler filters it shares (v1.35): resources, node affinity and selector, host ports, NoExecute taints.
#pragma once
#include <optional>
#include <vector>

#include "kubelet-sim/lifecycle/pod_state.hpp"
#include "libs/api/views/node.hpp"
#include "libs/api/views/pod.hpp"

namespace kubeloop::kubelet_sim {

// `others`: the pods that the node has admitted and that have not ended; those being deleted count too. `allocatable`
// as the node reports it. Nothing when the pod may run; else the first thing in its way.
std::optional<Rejection> check_admission(const api::Pod& pod, const std::vector<const api::Pod*>& others,
                                         const api::Node& node, const api::StringMap& allocatable);

}  // namespace kubeloop::kubelet_sim
