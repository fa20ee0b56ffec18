#include "scheduler/filter_run.hpp"

#include <fmt/core.h>

namespace kubeloop::scheduler {

std::string bracketed(const std::set<std::string>& names) {
  std::string text = "[";
  for (const auto& name : names) text += (text.size() > 1 ? " " : "") + name;
  return text + "]";
}

FilterRun::FilterRun(const Profile& profile, const Snapshot& snapshot, const PodInfo& pod, CycleState& state)
    : profile_(profile), snapshot_(snapshot), pod_(pod), state_(state), is_skipped_(profile.plugin_count(), false) {}

PluginStatus FilterRun::pre_filter() {
  PluginStatus rejection;
  for (const auto& entry : profile_.pre_filter) {
    const auto name = entry.plugin->name();
    auto result = entry.point->pre_filter(state_, pod_, snapshot_);
    auto& status = result.status;
    status.plugin = name;
    if (status.is_skip()) {
      is_skipped_[entry.index] = true;
      continue;
    }
    if (status.code == PluginStatus::Code::kUnschedulableAndUnresolvable) return status;
    if (status.is_rejected()) {
      rejection = std::move(status);  // the others go on: one of them may know more
      continue;
    }
    if (!status.is_success()) {
      auto text = fmt::format("running PreFilter plugin \"{}\": {}", name, status.message());
      return PluginStatus::error(std::move(text));
    }
    if (!result.nodes) continue;
    narrowing_plugins_.emplace(name);
    if (nodes_) std::erase_if(*nodes_, [&](const std::string& node) { return !result.nodes->contains(node); });
    if (!nodes_) nodes_ = std::move(result.nodes);
    if (!nodes_->empty()) continue;
    const bool is_one = narrowing_plugins_.size() == 1;
    auto text = is_one
                    ? fmt::format("node(s) didn't satisfy plugin {}", name)
                    : fmt::format("node(s) didn't satisfy plugin(s) {} simultaneously", bracketed(narrowing_plugins_));
    auto empty = PluginStatus::unresolvable(std::move(text));
    empty.plugin = name;
    return empty;
  }
  return rejection;
}

PluginStatus FilterRun::run_filters(const NodeInfo& node) const {
  for (const auto& entry : profile_.filter) {
    if (is_skipped_[entry.index]) continue;
    auto status = entry.point->filter(state_, pod_, node);
    if (status.is_success()) continue;
    const auto name = entry.plugin->name();
    if (!status.is_rejected()) {
      auto text = fmt::format("running \"{}\" filter plugin: {}", name, status.message());
      return PluginStatus::error(std::move(text));
    }
    status.plugin = name;
    return status;
  }
  return PluginStatus::success();
}

PluginStatus FilterRun::filter(const NodeInfo& node) const {
  const auto* nominated = snapshot_.nominator == nullptr ? nullptr : snapshot_.nominator->pods_of(node.name);
  if (nominated != nullptr) {
    NodeInfo crowded = node;
    bool is_crowded = false;
    for (const auto& other : *nominated) {
      if (other->priority < pod_.priority || other->uid() == pod_.uid()) continue;
      crowded.add_pod(other);
      is_crowded = true;
    }
    if (is_crowded) {
      auto status = run_filters(crowded);
      if (!status.is_success()) return status;
    }
  }
  return run_filters(node);
}

}  // namespace kubeloop::scheduler
