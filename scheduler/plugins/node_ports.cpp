// NodePorts: two pods of one node cannot have the same host port.
#include <algorithm>

#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class NodePorts final : public Plugin, public PreFilterPlugin, public FilterPlugin, public RequeuePlugin {
 public:
  std::string_view name() const override { return "NodePorts"; }

  PreFilterResult pre_filter(CycleState&, const PodInfo& pod, const Snapshot&) const override {
    return pod.host_ports.empty() ? PluginStatus::skip() : PluginStatus::success();
  }

  PluginStatus filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override {
    bool is_taken = std::any_of(node.used_ports.begin(), node.used_ports.end(),
                                [&](const HostPort& used) { return is_wanted(pod, used); });
    if (!is_taken) return PluginStatus::success();
    return PluginStatus::unschedulable("node(s) didn't have free ports for the requested pod ports");
  }

  std::span<const EventInterest> interests() const override {
    static constexpr EventInterest kInterests[] = {
        {EventSource::kAssignedPod, action::kDelete},
        {EventSource::kNode, action::kAdd},
    };
    return kInterests;
  }

  bool is_worth_retrying(const PodInfo& pod, const ClusterEvent& event) const override {
    if (event.source == EventSource::kNode) return true;
    if (!event.pod_before) return false;
    const auto& freed = event.pod_before->host_ports;
    return std::any_of(freed.begin(), freed.end(), [&](const HostPort& port) { return is_wanted(pod, port); });
  }

 private:
  static bool is_wanted(const PodInfo& pod, const HostPort& port) {
    return std::any_of(pod.host_ports.begin(), pod.host_ports.end(),
                       [&](const HostPort& wanted) { return is_conflict(wanted, port); });
  }
};

template <>
std::unique_ptr<Plugin> make_plugin<NodePorts>() {
  return std::make_unique<NodePorts>();
}

}  // namespace kubeloop::scheduler
