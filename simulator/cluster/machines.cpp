#include "simulator/cluster/machines.hpp"

namespace kubeloop::simulator {
namespace {

constexpr const char* kZoneLabel = "topology.kubernetes.io/zone";
constexpr const char* kRegionLabel = "topology.kubernetes.io/region";

kubelet_sim::NodeProfile profile_of(const NodePool& pool, int number) {
  kubelet_sim::NodeProfile profile;
  profile.name = pool.name + "-" + std::to_string(number);
  for (const auto& [name, quantity] : pool.capacity) profile.capacity[name] = quantity;
  profile.labels = pool.labels;
  if (!pool.zones.empty()) {
    profile.labels[kZoneLabel] = pool.zones[static_cast<std::size_t>(number - 1) % pool.zones.size()];
  }
  if (!pool.region.empty()) profile.labels[kRegionLabel] = pool.region;
  profile.taints = pool.taints;
  return profile;
}

}  // namespace

kubelet_sim::Options machines_of(const Scenario& scenario) {
  auto options = kubelet_sim::Options::with_nodes(scenario.nodes);
  for (const auto& pool : scenario.node_pools) {
    for (int number = 1; number <= pool.count; ++number) options.nodes.push_back(profile_of(pool, number));
  }
  options.image_rules = scenario.behaviours;
  return options;
}

bool has_own_machines(const Scenario& scenario) {
  return !scenario.node_pools.empty() || !scenario.behaviours.empty();
}

int node_count(const Scenario& scenario) {
  int count = scenario.nodes;
  for (const auto& pool : scenario.node_pools) count += pool.count;
  return count;
}

}  // namespace kubeloop::simulator
