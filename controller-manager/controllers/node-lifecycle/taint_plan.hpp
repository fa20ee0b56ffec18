// Which taints a node should have for its conditions. Pure. Source: doNoScheduleTaintingPass and
// processTaintBaseEviction of Kubernetes' node lifecycle controller.
#pragma once
#include <string>
#include <vector>

#include "libs/api/views/node.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

struct TaintChange {
  std::vector<api::Taint> add, remove;
  bool is_empty() const { return add.empty() && remove.empty(); }
};

// The NoSchedule taints that mirror conditions and spec.unschedulable, against those that are there. Other taints are
// left alone.
TaintChange no_schedule_change(const api::Node& node);

enum class NoExecute { kNone, kNotReady, kUnreachable };

// What the node's Ready condition asks for.
NoExecute wanted_no_execute(const api::Node& node);
NoExecute current_no_execute(const api::Node& node);
// At most one of the two NoExecute taints stays.
TaintChange no_execute_change(const api::Node& node, NoExecute wanted);

// The node's taints after the change; `now` is the timeAdded of what is added.
std::vector<api::Taint> changed_taints(const api::Node& node, const TaintChange& change, WallTime now);

}  // namespace kubeloop::controller_manager
