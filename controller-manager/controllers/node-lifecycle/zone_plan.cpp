#include "controller-manager/controllers/node-lifecycle/zone_plan.hpp"

#include <algorithm>

namespace kubeloop::controller_manager {
namespace {

std::string label(const api::Node& node, const std::string& name, const std::string& old_name) {
  for (const auto* key : {&name, &old_name}) {
    auto it = node.metadata.labels.find(*key);
    if (it != node.metadata.labels.end()) return it->second;
  }
  return "";
}

double rate_in(ZoneState state, int size, const EvictionRates& rates) {
  if (state != ZoneState::kPartialDisruption) return rates.normal;
  return size > rates.large_zone ? rates.secondary : 0;
}

int size_of(const ZoneCount& count) {
  return count.ready + count.not_ready;
}

}  // namespace

std::string zone_of(const api::Node& node) {
  static const std::string kRegion = "topology.kubernetes.io/region", kZone = "topology.kubernetes.io/zone";
  static const std::string kOldRegion = "failure-domain.beta.kubernetes.io/region";
  static const std::string kOldZone = "failure-domain.beta.kubernetes.io/zone";
  std::string region = label(node, kRegion, kOldRegion);
  std::string zone = label(node, kZone, kOldZone);
  return region.empty() && zone.empty() ? "" : region + "/" + zone;
}

bool is_counted(const api::Node& node) {
  static const std::string kExcluded = "node.kubernetes.io/exclude-disruption";
  return !node.metadata.labels.contains(kExcluded);
}

ZoneState zone_state(const ZoneCount& count, const EvictionRates& rates) {
  if (count.ready == 0 && count.not_ready > 0) return ZoneState::kFullDisruption;
  bool is_partial = count.not_ready > 2 && count.not_ready >= rates.unhealthy_share * size_of(count);
  return is_partial ? ZoneState::kPartialDisruption : ZoneState::kNormal;
}

DisruptionPlan plan_disruption(const std::map<std::string, ZoneState>& before,
                               const std::map<std::string, ZoneCount>& counts, const EvictionRates& rates) {
  DisruptionPlan plan;
  std::map<std::string, ZoneState> old_states;
  for (const auto& [zone, count] : counts) {
    plan.states[zone] = zone_state(count, rates);
    auto it = before.find(zone);
    old_states[zone] = it == before.end() ? ZoneState::kInitial : it->second;
  }
  auto is_full = [](const auto& entry) { return entry.second == ZoneState::kFullDisruption; };
  bool is_all_down = std::ranges::all_of(plan.states, is_full);
  bool was_all_down = std::ranges::all_of(old_states, is_full);
  if (counts.empty() || (is_all_down && was_all_down)) return plan;
  plan.is_everything_down = is_all_down;
  plan.is_something_back = was_all_down;
  for (const auto& [zone, state] : plan.states) {
    if (is_all_down) {
      plan.new_rates[zone] = 0;
    } else if (was_all_down || state != old_states[zone]) {
      plan.new_rates[zone] = rate_in(state, size_of(counts.at(zone)), rates);
    }
  }
  return plan;
}

}  // namespace kubeloop::controller_manager
