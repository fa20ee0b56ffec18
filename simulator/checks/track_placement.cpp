// Where pods run: on which nodes, how evenly, together or apart.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "simulator/checks/reasons.hpp"
#include "simulator/checks/track.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

class PlacementTracker final : public CheckTracker {
 public:
  explicit PlacementTracker(const PlacementCheck& check) : check_(check), selector_(selector_of(check.selector)) {
    if (check.on) on_ = selector_of(check.on->selector);
    if (check.not_on) not_on_ = selector_of(check.not_on->selector);
  }

  void begin(const ClusterView& view) override {
    for (const auto& [key, pod] : view.of("pods")) note(view, key, &pod);
  }

  void take(const ClusterView& view, const ViewChange& change) override {
    if (change.plural == "pods") {
      note(view, change.key, change.after);
    } else if (change.plural == "nodes" && is_about_labels(change)) {
      pods_.clear();
      by_node_.clear();
      crowded_.clear();
      problems_.clear();
      begin(view);
    }
  }

  std::string problem(const ClusterView& view) const override {
    if (pods_.empty() && check_.ignores_unplaced) return "";
    if (pods_.empty()) return "there is no pod with " + check_.selector;
    if (!problems_.empty()) return problems_.begin()->second;
    if (check_.is_same_node && by_node_.size() > 1) {
      return fmt::format("pods with {} are on {} nodes ({}), expected one", check_.selector, by_node_.size(), nodes());
    }
    if (check_.are_different_nodes && !crowded_.empty()) {
      const auto& node = *crowded_.begin();
      std::string names;
      for (const auto& key : by_node_.at(node)) names += (names.empty() ? "" : ", ") + key;
      return fmt::format("{} has {} pods with {} ({}), expected at most one", node, by_node_.at(node).size(),
                         check_.selector, names);
    }
    return check_.topology_key.empty() ? "" : spread_problem(view);
  }

 private:
  static bool is_about_labels(const ViewChange& change) {
    if (!change.before || !change.after) return true;
    const json* before = at(*change.before, {"metadata", "labels"});
    const json* after = at(*change.after, {"metadata", "labels"});
    return (before ? *before : json()) != (after ? *after : json());
  }

  void forget(const std::string& key) {
    problems_.erase(key);
    auto it = pods_.find(key);
    if (it == pods_.end()) return;
    auto node = by_node_.find(it->second);
    if (node != by_node_.end()) {
      node->second.erase(key);
      if (node->second.size() < 2) crowded_.erase(node->first);
      if (node->second.empty()) by_node_.erase(node);
    }
    pods_.erase(it);
  }

  void note(const ClusterView& view, const std::string& key, const json* pod) {
    forget(key);
    if (!pod || !is_selected(*pod, check_.namespace_, selector_) || has_ended(*pod)) return;
    std::string node = text_at(*pod, {"spec", "nodeName"});
    pods_[key] = node;
    if (node.empty()) {
      bool asks_where = check_.on || check_.is_same_node || check_.are_different_nodes || !check_.topology_key.empty();
      if (asks_where && !check_.ignores_unplaced) problems_[key] = key + " is on no node: " + why_not(*pod);
      return;
    }
    // One that is on its way out no longer counts for how pods stand to each other.
    if (!is_terminating(*pod)) {
      auto& there = by_node_[node];
      there.insert(key);
      if (there.size() > 1) crowded_.insert(node);
    }
    const char* state = is_terminating(*pod) ? " (it is being deleted)" : "";
    if (check_.on && !is_one_of(view, *check_.on, on_, node)) {
      problems_[key] = fmt::format("{} is on {}{}, expected on {}", key, node, state, check_.on->text);
    } else if (check_.not_on && is_one_of(view, *check_.not_on, not_on_, node)) {
      problems_[key] = fmt::format("{} is on {}{}, expected not on {}", key, node, state, check_.not_on->text);
    }
  }

  static bool is_one_of(const ClusterView& view, const NodeChoice& choice, const api::LabelSelector& selector,
                        const std::string& node) {
    if (!choice.names.empty()) return std::ranges::find(choice.names, node) != choice.names.end();
    const json* object = view.find("nodes", node);
    return object && is_selected(*object, "*", selector);
  }

  std::string nodes() const {
    std::string list;
    for (const auto& [node, pods] : by_node_) list += (list.empty() ? "" : ", ") + node;
    return list;
  }

  std::string spread_problem(const ClusterView& view) const {
    std::map<std::string, std::int64_t> domains;
    for (const auto& [name, node] : view.of("nodes")) {
      std::string domain = text_at(node, {"metadata", "labels", std::string_view(check_.topology_key)});
      if (domain.empty()) continue;
      auto pods = by_node_.find(name);
      domains[domain] += pods == by_node_.end() ? 0 : static_cast<std::int64_t>(pods->second.size());
    }
    if (domains.empty()) return "no node has the label " + check_.topology_key;
    auto by_count = [](const auto& a, const auto& b) { return a.second < b.second; };
    auto [least, most] = std::ranges::minmax_element(domains, by_count);
    std::int64_t skew = most->second - least->second;
    if (skew <= check_.max_skew) return "";
    return fmt::format("{} has {} pods with {}, {} has {}: a skew of {}, expected at most {}", most->first,
                       most->second, check_.selector, least->first, least->second, skew, check_.max_skew);
  }

  const PlacementCheck& check_;
  api::LabelSelector selector_, on_, not_on_;
  std::map<std::string, std::string> pods_;               // node, "" = none yet
  std::map<std::string, std::set<std::string>> by_node_;  // those that stay
  std::set<std::string> crowded_;                         // nodes with more than one
  std::map<std::string, std::string> problems_;           // by pod
};

}  // namespace

std::unique_ptr<CheckTracker> track_placement(const PlacementCheck& check) {
  return std::make_unique<PlacementTracker>(check);
}

}  // namespace kubeloop::simulator
