// NodeResourcesBalancedAllocation: prefers nodes on which cpu and memory would be used to about the same degree.
#include <algorithm>
#include <cmath>

#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class NodeResourcesBalancedAllocation final : public Plugin, public PreScorePlugin, public ScorePlugin {
 public:
  std::string_view name() const override { return "NodeResourcesBalancedAllocation"; }

  // A pod that asks for neither resource changes no balance.
  PluginStatus pre_score(CycleState&, const PodInfo& pod, std::span<const NodeInfo* const>) const override {
    const auto& wanted = pod.requests.real;
    return wanted.milli_cpu == 0 && wanted.memory == 0 ? PluginStatus::skip() : PluginStatus::success();
  }

  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node, const Snapshot&) const override {
    const auto& wanted = pod.requests.real;
    // Half the difference is the standard deviation of two values; with one value there is none.
    double deviation = 0;
    if (node.allocatable.milli_cpu != 0 && node.allocatable.memory != 0) {
      double cpu = fraction(node.requested.milli_cpu + wanted.milli_cpu, node.allocatable.milli_cpu);
      double memory = fraction(node.requested.memory + wanted.memory, node.allocatable.memory);
      deviation = std::abs((cpu - memory) / 2);
    }
    return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(kMaxNodeScore));
  }

 private:
  static double fraction(std::int64_t requested, std::int64_t capacity) {
    return std::min(1.0, static_cast<double>(requested) / static_cast<double>(capacity));
  }
};

template <>
std::unique_ptr<Plugin> make_plugin<NodeResourcesBalancedAllocation>() {
  return std::make_unique<NodeResourcesBalancedAllocation>();
}

}  // namespace kubeloop::scheduler
