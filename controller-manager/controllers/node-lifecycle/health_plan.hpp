// Whether a node still gives signs of life, judged by when the controller itself saw one change: never by comparing two
// machines' clocks. Pure. Source: monitorNodeHealth and tryUpdateNodeHealth of Kubernetes' node lifecycle controller.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libs/api/views/node.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

// What is remembered of a node between two passes.
struct NodeHealth {
  bool had_ready = false;       // it had a Ready condition
  std::string ready_heartbeat;  // that condition's lastHeartbeatTime
  std::string renew_time;       // the lease's
  WallTime probe;               // when one of them was last seen to change
};

struct GracePeriods {
  Duration monitor;  // since the last sign of life
  Duration startup;  // since creation, for a node that never posted a status
};

struct HealthVerdict {
  NodeHealth health;
  bool is_stale = false;  // silent for longer than it may
};

// `renew_time`: of the node's lease, "" when it has none.
HealthVerdict observe(std::optional<NodeHealth> known, const api::Node& node, const std::string& renew_time,
                      WallTime now, const GracePeriods& grace);

// How the conditions of a silent node have to change: Ready and the three pressures become Unknown. Empty when Ready is
// so already.
struct ConditionChange {
  std::string type;
  bool is_new = false;  // was never posted
  std::string reason, message;
};
std::vector<ConditionChange> unknown_conditions(const api::Node& node);

// The status of the Ready condition; "Unknown" when it was never posted.
std::string ready_status(const api::Node& node);

}  // namespace kubeloop::controller_manager
