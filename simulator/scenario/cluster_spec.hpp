// What a scenario says of the cluster that is made for it, besides plain nodes: pools of nodes, components that are off
// or have flags of their own. Plain data; how images behave is kubelet_sim::ImageRules.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "libs/api/views/meta.hpp"
#include "libs/api/views/node.hpp"

namespace kubeloop::simulator {

// Nodes of one shape: NAME-1 to NAME-`count`.
struct NodePool {
  std::string name;
  int count = 0;
  std::vector<std::string> zones;  // the nodes are spread over them, one after the other; may be empty
  std::string region;
  api::StringMap capacity;  // what is not said is as every node has it
  api::StringMap labels;
  std::vector<api::Taint> taints;
};

// Named as the component's program names it, without the dashes before it: {"node-monitor-period", "1s"}.
using Flag = std::pair<std::string, std::string>;

struct ComponentSetup {
  bool is_off = false;  // until a step starts it
  std::vector<Flag> flags;
};

}  // namespace kubeloop::simulator
