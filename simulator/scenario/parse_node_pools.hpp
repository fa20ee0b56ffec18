// The node pools of a scenario's cluster. Used by parse_cluster.cpp only.
#pragma once
#include "simulator/scenario/parse_cluster.hpp"

namespace kubeloop::simulator {

// Reads the value of "nodePools" into `scenario`, whose plain nodes are known already.
void parse_node_pools(Source& source, const nlohmann::json& list, const std::string& pointer, Scenario& scenario);

}  // namespace kubeloop::simulator
