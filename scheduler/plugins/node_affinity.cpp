// NodeAffinity: spec.nodeSelector and required node affinity filter; preferred node affinity scores. Terms that name
// nodes narrow the search to those nodes.
#include <algorithm>

#include "scheduler/framework/node_selector.hpp"
#include "scheduler/framework/normalize_score.hpp"
#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class NodeAffinity final : public Plugin,
                           public PreFilterPlugin,
                           public FilterPlugin,
                           public PreScorePlugin,
                           public ScorePlugin,
                           public RequeuePlugin {
 public:
  std::string_view name() const override { return "NodeAffinity"; }

  PreFilterResult pre_filter(CycleState&, const PodInfo& pod, const Snapshot&) const override {
    const auto* terms = required_terms(*pod.pod);
    if (terms == nullptr) {
      return pod.pod->spec.nodeSelector.empty() ? PluginStatus::skip() : PluginStatus::success();
    }
    PreFilterResult result;
    result.nodes = named_nodes(*terms);
    if (result.nodes && result.nodes->empty()) return PluginStatus::unresolvable("pod affinity terms conflict");
    return result;
  }

  PluginStatus filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override {
    if (does_node_suit(*pod.pod, *node.node)) return PluginStatus::success();
    return PluginStatus::unresolvable("node(s) didn't match Pod's node affinity/selector");
  }

  PluginStatus pre_score(CycleState&, const PodInfo& pod, std::span<const NodeInfo* const>) const override {
    return preferred(pod) == nullptr ? PluginStatus::skip() : PluginStatus::success();
  }

  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node, const Snapshot&) const override {
    std::int64_t sum = 0;
    for (const auto& term : *preferred(pod)) {
      if (term.weight != 0 && does_term_match(term.preference, *node.node)) sum += term.weight;
    }
    return sum;
  }

  void normalize(std::span<std::int64_t> scores) const override { normalize_by_largest(scores, false); }

  std::span<const EventInterest> interests() const override {
    static constexpr EventInterest kInterests[] = {{EventSource::kNode, action::kAdd | action::kUpdateNodeLabel}};
    return kInterests;
  }

  bool is_worth_retrying(const PodInfo& pod, const ClusterEvent& event) const override {
    if (!event.node_after || !does_node_suit(*pod.pod, *event.node_after)) return false;
    return !event.node_before || !does_node_suit(*pod.pod, *event.node_before);
  }

 private:
  // The names that the terms allow, when every term names nodes; else nothing. A term that contradicts itself allows
  // none.
  static std::optional<std::set<std::string>> named_nodes(const std::vector<api::NodeSelectorTerm>& terms) {
    if (terms.empty()) return std::nullopt;
    std::set<std::string> all;
    for (const auto& term : terms) {
      std::optional<std::set<std::string>> names;
      for (const auto& field : term.matchFields) {
        if (field.key != "metadata.name" || field.operator_ != "In") continue;
        std::set<std::string> values(field.values.begin(), field.values.end());
        if (names) std::erase_if(values, [&](const std::string& value) { return !names->contains(value); });
        names = std::move(values);
      }
      if (!names) return std::nullopt;
      all.insert(names->begin(), names->end());
    }
    return all;
  }

  // The preferred terms, or null when there are none.
  static const std::vector<api::PreferredSchedulingTerm>* preferred(const PodInfo& pod) {
    const auto& affinity = pod.pod->spec.affinity;
    if (!affinity || !affinity->nodeAffinity) return nullptr;
    const auto& terms = affinity->nodeAffinity->preferredDuringSchedulingIgnoredDuringExecution;
    return terms.empty() ? nullptr : &terms;
  }
};

template <>
std::unique_ptr<Plugin> make_plugin<NodeAffinity>() {
  return std::make_unique<NodeAffinity>();
}

}  // namespace kubeloop::scheduler
