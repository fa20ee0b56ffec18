// NodeResourcesFit: the node must have room for what the pod asks for; of the nodes that have, the emptier ones score
// higher (LeastAllocated over cpu and memory).
#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class NodeResourcesFit final : public Plugin, public FilterPlugin, public ScorePlugin, public RequeuePlugin {
 public:
  std::string_view name() const override { return "NodeResourcesFit"; }

  PluginStatus filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override {
    return shortage(pod.requests.real, node.allocatable, node.requested, node.pods.size());
  }

  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node, const Snapshot&) const override {
    std::int64_t sum = 0;
    std::int64_t weights = 0;
    auto count = [&](std::int64_t capacity, std::int64_t requested) {
      if (capacity == 0) return;
      sum += requested > capacity ? 0 : (capacity - requested) * kMaxNodeScore / capacity;
      ++weights;
    };
    const auto& wanted = pod.requests.fit_score;
    count(node.allocatable.milli_cpu, node.non_zero_requested.milli_cpu + wanted.milli_cpu);
    count(node.allocatable.memory, node.non_zero_requested.memory + wanted.memory);
    return weights == 0 ? 0 : sum / weights;
  }

  std::span<const EventInterest> interests() const override {
    static constexpr EventInterest kInterests[] = {
        {EventSource::kAssignedPod, action::kDelete | action::kUpdatePodScaleDown},
        {EventSource::kPendingPod, action::kUpdatePodScaleDown},
        {EventSource::kNode, action::kAdd | action::kUpdateNodeAllocatable},
    };
    return kInterests;
  }

  bool is_worth_retrying(const PodInfo& pod, const ClusterEvent& event) const override {
    if (event.source == EventSource::kPendingPod) return true;
    if (event.source == EventSource::kAssignedPod) {
      if (!event.pod_after) return true;
      return has_less(pod.requests.real, event.pod_after->requests.real, event.pod_before->requests.real);
    }
    if (!event.node_after) return false;
    const auto after = parse_amounts(event.node_after->status.allocatable);
    if (!shortage(pod.requests.real, after, ResourceAmounts(), 0).is_success()) return false;
    if (!event.node_before) return true;
    const auto before = parse_amounts(event.node_before->status.allocatable);
    return after.pods > before.pods || has_less(pod.requests.real, before, after);
  }

 private:
  // Whether `less` has less than `more` of anything that is wanted.
  static bool has_less(const ResourceAmounts& wanted, const ResourceAmounts& less, const ResourceAmounts& more) {
    if (wanted.milli_cpu != 0 && less.milli_cpu < more.milli_cpu) return true;
    if (wanted.memory != 0 && less.memory < more.memory) return true;
    if (wanted.ephemeral_storage != 0 && less.ephemeral_storage < more.ephemeral_storage) return true;
    for (const auto& [name, amount] : wanted.scalars) {
      if (less.scalar(name) < more.scalar(name)) return true;
    }
    return false;
  }

  // All resources that are short, in a fixed order; unresolvable when one is more than the node has altogether.
  static PluginStatus shortage(const ResourceAmounts& wanted, const ResourceAmounts& allocatable,
                               const ResourceAmounts& requested, std::size_t pod_count) {
    PluginStatus status;
    bool is_unresolvable = false;
    auto check = [&](std::string_view name, std::int64_t amount, std::int64_t has, std::int64_t used) {
      if (amount <= 0 || amount <= has - used) return;
      status.reasons.push_back("Insufficient " + std::string(name));
      is_unresolvable = is_unresolvable || amount > has;
    };
    if (static_cast<std::int64_t>(pod_count) + 1 > allocatable.pods) status.reasons.push_back("Too many pods");
    check("cpu", wanted.milli_cpu, allocatable.milli_cpu, requested.milli_cpu);
    check("memory", wanted.memory, allocatable.memory, requested.memory);
    check("ephemeral-storage", wanted.ephemeral_storage, allocatable.ephemeral_storage, requested.ephemeral_storage);
    for (const auto& [name, amount] : wanted.scalars) {
      check(name, amount, allocatable.scalar(name), requested.scalar(name));
    }
    if (status.reasons.empty()) return status;
    status.code =
        is_unresolvable ? PluginStatus::Code::kUnschedulableAndUnresolvable : PluginStatus::Code::kUnschedulable;
    return status;
  }
};

template <>
std::unique_ptr<Plugin> make_plugin<NodeResourcesFit>() {
  return std::make_unique<NodeResourcesFit>();
}

}  // namespace kubeloop::scheduler
