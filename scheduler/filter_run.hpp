// Runs PreFilter and Filter plugins of one decision. Pure.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class FilterRun {
 public:
  FilterRun(const Profile& profile, const Snapshot& snapshot, const PodInfo& pod, CycleState& state);

  // All PreFilter plugins. A rejection or an error when the pod is done with; success otherwise.
  PluginStatus pre_filter();
  // After pre_filter: the only nodes that can be feasible; nothing = all. With them the plugins that said so.
  const std::optional<std::set<std::string>>& narrowed_nodes() const { return nodes_; }
  const std::set<std::string>& narrowing_plugins() const { return narrowing_plugins_; }

  // The first plugin that does not let the pod on the node decides; success when all do. Pods nominated to the node
  // that are at least as important are counted as there; then the pod must fit without them too (source:
  // RunFilterPluginsWithNominatedPods).
  PluginStatus filter(const NodeInfo& node) const;

 private:
  PluginStatus run_filters(const NodeInfo& node) const;

  const Profile& profile_;
  const Snapshot& snapshot_;
  const PodInfo& pod_;
  CycleState& state_;
  std::vector<bool> is_skipped_;  // by plugin index
  std::optional<std::set<std::string>> nodes_;
  std::set<std::string> narrowing_plugins_;
};

// "[A B]", as such lists stand in messages.
std::string bracketed(const std::set<std::string>& names);

}  // namespace kubeloop::scheduler
