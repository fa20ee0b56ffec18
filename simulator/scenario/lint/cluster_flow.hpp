// What the steps do to nodes and components, one after the other: names that the cluster does not have, a start of what
// runs, a kill of what is dead. Pure.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "simulator/scenario/lint/step_list.hpp"

namespace kubeloop::simulator {

void check_cluster_flow(Source& source, const std::vector<ListedStep>& steps);

// The nodes that spec.cluster says: node-1 to node-N, and those of the pools.
std::set<std::string> nodes_of_cluster(const Source& source);

}  // namespace kubeloop::simulator
