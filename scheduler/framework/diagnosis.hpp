// Why no node is feasible: what every looked-at node failed for. Plain data; nodes point into the snapshot.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "scheduler/framework/node_info.hpp"
#include "scheduler/framework/plugin_status.hpp"

namespace kubeloop::scheduler {

struct NodeVerdict {
  const NodeInfo* node;
  PluginStatus status;
};

struct Diagnosis {
  std::vector<NodeVerdict> nodes;  // in search order; each node at most once
  PluginStatus absent_nodes;       // what holds for every node that is not among them
  std::string pre_filter_message;  // set when a PreFilter plugin rejected the pod for all nodes
  std::string post_filter_message;
  std::set<std::string> unschedulable_plugins;  // whose hints decide about the next try
  std::set<std::string> pending_plugins;

  void add_rejector(const PluginStatus& status) {
    if (status.plugin.empty()) return;
    if (status.code == PluginStatus::Code::kPending) {
      pending_plugins.emplace(status.plugin);
    } else if (status.is_rejected()) {
      unschedulable_plugins.emplace(status.plugin);
    }
  }
};

// The text that users see: "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. <post filter
// text>". Reasons are counted over all nodes, written "<count> <reason>" and sorted as plain strings (source: FitError
// in the scheduling framework).
std::string fit_error_text(const Diagnosis& diagnosis, std::size_t node_count);

}  // namespace kubeloop::scheduler
