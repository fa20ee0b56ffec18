// DefaultPreemption: would it help to evict pods of lower priority? Finds out by a dry run on every node that failed
// for a reason that eviction can change, and says why not. It does not evict yet: where victims exist it says nothing
// and nominates nothing.
#include <algorithm>

#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class DefaultPreemption final : public Plugin, public PostFilterPlugin {
 public:
  std::string_view name() const override { return "DefaultPreemption"; }

  PostFilterResult post_filter(const PostFilterInput& input) const override {
    PostFilterResult result;
    if (auto reason = ineligibility(input); !reason.empty()) {
      result.status = PluginStatus::unschedulable("preemption: " + reason);
      return result;
    }
    Diagnosis dry_run;
    dry_run.absent_nodes = PluginStatus::unresolvable("Preemption is not helpful for scheduling");
    for (const auto& verdict : input.diagnosis.nodes) {
      if (verdict.status.code != PluginStatus::Code::kUnschedulable) continue;
      PluginStatus status = try_without_victims(input, *verdict.node);
      if (status.is_success()) return result;
      dry_run.nodes.push_back(NodeVerdict{verdict.node, std::move(status)});
    }
    result.is_nomination_cleared = true;
    auto text = fit_error_text(dry_run, input.snapshot.nodes.size());
    result.status = PluginStatus::unschedulable("preemption: " + text);
    return result;
  }

 private:
  static std::string ineligibility(const PostFilterInput& input) {
    const auto& pod = *input.pod.pod;
    if (pod.spec.preemptionPolicy == "Never") return "not eligible due to preemptionPolicy=Never.";
    const auto* node = input.snapshot.find(pod.status.nominatedNodeName);
    if (node == nullptr || is_unresolvable(input.diagnosis, *node)) return "";
    for (const auto& other : node->pods) {
      if (other->priority < input.pod.priority && is_being_preempted(*other->pod)) {
        return "not eligible due to a terminating pod on the nominated node.";
      }
    }
    return "";
  }

  static bool is_unresolvable(const Diagnosis& diagnosis, const NodeInfo& node) {
    const PluginStatus* status = &diagnosis.absent_nodes;
    for (const auto& verdict : diagnosis.nodes) {
      if (verdict.node == &node) status = &verdict.status;
    }
    return status->code == PluginStatus::Code::kUnschedulableAndUnresolvable;
  }

  static bool is_being_preempted(const api::Pod& pod) {
    const auto* target = api::find_condition(pod.status.conditions, "DisruptionTarget");
    return !pod.metadata.deletionTimestamp.empty() && target != nullptr && target->status == "True" &&
           target->reason == "PreemptionByScheduler";
  }

  // The filters on the node as it were without the pods of lower priority.
  static PluginStatus try_without_victims(const PostFilterInput& input, const NodeInfo& node) {
    const bool has_victims = std::any_of(node.pods.begin(), node.pods.end(),
                                         [&](const PodInfoPtr& other) { return other->priority < input.pod.priority; });
    if (!has_victims) return PluginStatus::unresolvable("No preemption victims found for incoming pod");
    NodeInfo copy = node;
    for (const auto& other : node.pods) {
      if (other->priority < input.pod.priority) copy.remove_pod(other->uid());
    }
    return input.run_filters(copy);
  }
};

template <>
std::unique_ptr<Plugin> make_plugin<DefaultPreemption>() {
  return std::make_unique<DefaultPreemption>();
}

}  // namespace kubeloop::scheduler
