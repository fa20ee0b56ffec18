// NodeUnschedulable: keeps pods off cordoned nodes, unless they tolerate the taint that a cordon stands for.
#include "scheduler/framework/profile.hpp"
#include "scheduler/framework/tolerations.hpp"

namespace kubeloop::scheduler {

class NodeUnschedulable final : public Plugin, public FilterPlugin, public RequeuePlugin {
 public:
  std::string_view name() const override { return "NodeUnschedulable"; }

  PluginStatus filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override {
    if (!node.node->spec.unschedulable || tolerates(pod)) return PluginStatus::success();
    return PluginStatus::unresolvable("node(s) were unschedulable");
  }

  std::span<const EventInterest> interests() const override {
    static constexpr EventInterest kInterests[] = {
        {EventSource::kNode, action::kAdd | action::kUpdateNodeTaint},
        {EventSource::kPendingPod, action::kUpdatePodToleration},
    };
    return kInterests;
  }

  // The node has become schedulable, or the pod has come to tolerate cordons.
  bool is_worth_retrying(const PodInfo&, const ClusterEvent& event) const override {
    if (event.source == EventSource::kPendingPod) return tolerates(*event.pod_after);
    if (!event.node_after || event.node_after->spec.unschedulable) return false;
    return !event.node_before || event.node_before->spec.unschedulable;
  }

 private:
  static bool tolerates(const PodInfo& pod) {
    api::Taint cordon;
    cordon.key = kTaintNodeUnschedulable;
    cordon.effect = "NoSchedule";
    return is_tolerated(cordon, pod.pod->spec.tolerations);
  }
};

template <>
std::unique_ptr<Plugin> make_plugin<NodeUnschedulable>() {
  return std::make_unique<NodeUnschedulable>();
}

}  // namespace kubeloop::scheduler
