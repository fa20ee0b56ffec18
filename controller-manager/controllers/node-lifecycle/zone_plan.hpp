// How fast nodes of a zone may be tainted NoExecute when many of them are silent at once. Pure. Source:
// handleDisruption, ComputeZoneState and setLimiterInZone of Kubernetes' node lifecycle controller.
#pragma once
#include <map>
#include <string>

#include "libs/api/views/node.hpp"

namespace kubeloop::controller_manager {

enum class ZoneState { kInitial, kNormal, kPartialDisruption, kFullDisruption };

struct ZoneCount {
  int ready = 0;
  int not_ready = 0;
};

struct EvictionRates {
  double normal = 0.1;  // nodes a second
  double secondary = 0.01;
  int large_zone = 50;  // a zone with more nodes keeps the secondary rate, a smaller one stops
  double unhealthy_share = 0.55;
};

// Region and zone labels; "" when it has neither.
std::string zone_of(const api::Node& node);
// Nodes with the label node.kubernetes.io/exclude-disruption do not count.
bool is_counted(const api::Node& node);

ZoneState zone_state(const ZoneCount& count, const EvictionRates& rates);

struct DisruptionPlan {
  std::map<std::string, ZoneState> states;  // to be remembered
  std::map<std::string, double> new_rates;  // only of the zones whose rate is to be set
  bool is_everything_down = false;          // entered now: take all NoExecute taints off
  bool is_something_back = false;           // left now: every node gets a full grace period
};

// `before`: the states of the last pass. `counts`: of this pass.
DisruptionPlan plan_disruption(const std::map<std::string, ZoneState>& before,
                               const std::map<std::string, ZoneCount>& counts, const EvictionRates& rates);

}  // namespace kubeloop::controller_manager
