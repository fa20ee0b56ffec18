// The cluster as one decision sees it: the nodes in search order. A view into the cache: valid until the cache changes,
// which cannot happen while a decision runs, because a decision never waits.
#pragma once
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "scheduler/framework/node_info.hpp"
#include "scheduler/framework/nominator.hpp"

namespace kubeloop::scheduler {

struct Snapshot {
  std::vector<const NodeInfo*> nodes;                   // the order of the node tree; never ghosts
  std::map<std::string_view, const NodeInfo*> by_name;  // the same nodes
  const Nominator* nominator = nullptr;                 // null: nothing is nominated

  const NodeInfo* find(std::string_view name) const {
    auto it = by_name.find(name);
    return it == by_name.end() ? nullptr : it->second;
  }
};

}  // namespace kubeloop::scheduler
