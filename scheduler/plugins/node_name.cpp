// NodeName: a pod that names its node fits only there. (Such pods are bound already and seldom get here.)
#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class NodeName final : public Plugin, public FilterPlugin, public RequeuePlugin {
 public:
  std::string_view name() const override { return "NodeName"; }

  PluginStatus filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override {
    const auto& wanted = pod.pod->spec.nodeName;
    if (wanted.empty() || wanted == node.name) return PluginStatus::success();
    return PluginStatus::unresolvable("node(s) didn't match the requested node name");
  }

  std::span<const EventInterest> interests() const override {
    static constexpr EventInterest kInterests[] = {{EventSource::kNode, action::kAdd}};
    return kInterests;
  }
  bool is_worth_retrying(const PodInfo&, const ClusterEvent&) const override { return true; }
};

template <>
std::unique_ptr<Plugin> make_plugin<NodeName>() {
  return std::make_unique<NodeName>();
}

}  // namespace kubeloop::scheduler
