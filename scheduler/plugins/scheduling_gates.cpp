// SchedulingGates: a pod with spec.schedulingGates is not considered until they are all gone. The condition that users
// see is written by the hub at creation, not here.
#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class SchedulingGates final : public Plugin, public PreEnqueuePlugin, public RequeuePlugin {
 public:
  std::string_view name() const override { return "SchedulingGates"; }

  PluginStatus pre_enqueue(const PodInfo& pod) const override {
    const auto& gates = pod.pod->spec.schedulingGates;
    if (gates.empty()) return PluginStatus::success();
    std::string names;
    for (const auto& gate : gates) names += (names.empty() ? "" : " ") + gate.name;
    return PluginStatus::unresolvable("waiting for scheduling gates: [" + names + "]");
  }

  std::span<const EventInterest> interests() const override {
    static constexpr EventInterest kInterests[] = {{EventSource::kPendingPod, action::kUpdatePodGatesEliminated}};
    return kInterests;
  }
  bool is_worth_retrying(const PodInfo&, const ClusterEvent&) const override { return true; }
};

template <>
std::unique_ptr<Plugin> make_plugin<SchedulingGates>() {
  return std::make_unique<SchedulingGates>();
}

}  // namespace kubeloop::scheduler
