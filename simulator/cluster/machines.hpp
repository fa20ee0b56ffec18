// What a scenario says of nodes and images, as the kubelets are told it. Pure.
#pragma once
#include "kubelet-sim/kubelet_sim.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

// The plain nodes first, then those of the pools, in the order of the file: POOL-1, POOL-2, ... Zones are given to a
// pool's nodes in turn. Timings are the kubelets' own.
kubelet_sim::Options machines_of(const Scenario& scenario);

// Whether the scenario says more of them than how many plain nodes there are.
bool has_own_machines(const Scenario& scenario);

// All nodes together.
int node_count(const Scenario& scenario);

}  // namespace kubeloop::simulator
