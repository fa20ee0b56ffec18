// What a simulated node is: its name, capacity, labels and addresses. Plain data, fixed for the life of the process.
#pragma once
#include <string>
#include <vector>

#include "libs/api/views/meta.hpp"
#include "libs/api/views/node.hpp"

namespace kubeloop::kubelet_sim {

struct NodeProfile {
  std::string name;
  std::string address;  // InternalIP; given by the process from the node's place in the list when empty
  // What pods may use is all of it: nothing is reserved, so that a node of 8Gi takes pods of 8Gi together.
  api::StringMap capacity = {{"cpu", "4"}, {"memory", "8Gi"}, {"pods", "110"}, {"ephemeral-storage", "100Gi"}};
  api::StringMap labels;           // besides the ones every kubelet sets
  std::vector<api::Taint> taints;  // at birth
};

}  // namespace kubeloop::kubelet_sim
