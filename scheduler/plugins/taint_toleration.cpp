// TaintToleration: NoSchedule and NoExecute taints keep pods off that do not tolerate them; PreferNoSchedule taints
// cost score.
#include <algorithm>

#include "scheduler/framework/normalize_score.hpp"
#include "scheduler/framework/profile.hpp"
#include "scheduler/framework/tolerations.hpp"

namespace kubeloop::scheduler {

class TaintToleration final : public Plugin,
                              public FilterPlugin,
                              public PreScorePlugin,
                              public ScorePlugin,
                              public RequeuePlugin {
 public:
  std::string_view name() const override { return "TaintToleration"; }

  PluginStatus filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override {
    if (find_untolerated(node.taints(), pod.pod->spec.tolerations) == nullptr) return PluginStatus::success();
    return PluginStatus::unresolvable("node(s) had untolerated taint(s)");
  }

  // Only tolerations that can mean a PreferNoSchedule taint count for the score.
  PluginStatus pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const>) const override {
    Preferences preferences;
    for (const auto& toleration : pod.pod->spec.tolerations) {
      bool is_relevant = toleration.effect.empty() || toleration.effect == "PreferNoSchedule";
      if (is_relevant) preferences.tolerations.push_back(toleration);
    }
    state.put(std::move(preferences));
    return PluginStatus::success();
  }

  std::int64_t score(const CycleState& state, const PodInfo&, const NodeInfo& node, const Snapshot&) const override {
    const auto* preferences = state.find<Preferences>();
    return std::count_if(node.taints().begin(), node.taints().end(), [&](const api::Taint& taint) {
      return taint.effect == "PreferNoSchedule" && !is_tolerated(taint, preferences->tolerations);
    });
  }

  void normalize(std::span<std::int64_t> scores) const override { normalize_by_largest(scores, true); }

  std::span<const EventInterest> interests() const override {
    static constexpr EventInterest kInterests[] = {
        {EventSource::kNode, action::kAdd | action::kUpdateNodeTaint},
        {EventSource::kPendingPod, action::kUpdatePodToleration},
    };
    return kInterests;
  }

  bool is_worth_retrying(const PodInfo& pod, const ClusterEvent& event) const override {
    if (event.source == EventSource::kPendingPod) return true;
    if (!event.node_after) return false;
    const auto& tolerations = pod.pod->spec.tolerations;
    if (find_untolerated(event.node_after->spec.taints, tolerations) != nullptr) return false;
    return !event.node_before || find_untolerated(event.node_before->spec.taints, tolerations) != nullptr;
  }

 private:
  struct Preferences {
    std::vector<api::Toleration> tolerations;
  };
};

template <>
std::unique_ptr<Plugin> make_plugin<TaintToleration>() {
  return std::make_unique<TaintToleration>();
}

}  // namespace kubeloop::scheduler
