// The order in which nodes are searched: zones take turns, so that feasible nodes are found in all of them (source:
// node tree of the upstream scheduler cache). Zones stand in the order in which they were first seen, nodes of a zone
// in the order in which they came.
#pragma once
#include <string>
#include <vector>

#include "libs/api/views/node.hpp"

namespace kubeloop::scheduler {

class NodeTree {
 public:
  void add(const api::Node& node);
  // Moves the node to the end of its zone when the zone is another one now.
  void update(const api::Node& before, const api::Node& after);
  void remove(const api::Node& node);
  // First node of every zone, second of every zone, ...
  std::vector<std::string> order() const;
  std::size_t size() const { return size_; }

 private:
  struct Zone {
    std::string key;
    std::vector<std::string> nodes;
  };
  std::vector<Zone> zones_;
  std::size_t size_ = 0;
};

// Region and zone of a node as one key; "" when it has neither label.
std::string zone_key(const api::Node& node);

}  // namespace kubeloop::scheduler
