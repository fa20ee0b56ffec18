#include "controller-manager/controllers/disruption/budget_index.hpp"

#include <algorithm>
#include <tuple>

#include "controller-manager/in_namespace.hpp"
#include "controller-manager/owned_pods.hpp"

namespace kubeloop::controller_manager {
namespace {

void count(BudgetPods& budget, const api::Pod& pod, int sign) {
  budget.count += sign;
  if (is_ready(pod) && pod.metadata.deletionTimestamp.empty()) budget.healthy += sign;
  const auto* controller = api::controller_of(pod.metadata);
  if (!controller) {
    budget.unmanaged += sign;
    return;
  }
  auto& owner = budget.owners[controller->uid];
  if (sign > 0) {
    owner.reference = *controller;
    owner.pods.insert(pod.metadata.name);
    return;
  }
  owner.pods.erase(pod.metadata.name);
  if (owner.pods.empty()) budget.owners.erase(controller->uid);
}

// Everything of a pod that a budget's numbers depend on.
bool counts_the_same(const api::Pod& a, const api::Pod& b) {
  auto controller = [](const api::Pod& pod) {
    const auto* reference = api::controller_of(pod.metadata);
    return reference ? reference->uid : std::string();
  };
  return a.metadata.deletionTimestamp.empty() == b.metadata.deletionTimestamp.empty() && is_ready(a) == is_ready(b) &&
         a.metadata.labels == b.metadata.labels && controller(a) == controller(b);
}

bool is_same(const api::SelectorExpression& a, const api::SelectorExpression& b) {
  return std::tie(a.key, a.operator_, a.values) == std::tie(b.key, b.operator_, b.values);
}

bool is_same(const std::optional<api::SelectorSpec>& a, const std::optional<api::SelectorSpec>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->matchLabels == b->matchLabels &&
         std::ranges::equal(a->matchExpressions, b->matchExpressions,
                            [](const auto& one, const auto& other) { return is_same(one, other); });
}

}  // namespace

void BudgetIndex::set(const api::PodDisruptionBudget& budget, const Pods& pods) {
  auto& budgets = by_namespace_[budget.metadata.namespace_];
  auto [it, is_new] = budgets.try_emplace(budget.metadata.name);
  auto& entry = it->second;
  if (!is_new && is_same(entry.spec, budget.spec.selector)) return;
  entry.spec = budget.spec.selector;
  entry.pods = BudgetPods();
  if (!entry.spec) return;
  auto selector = api::to_label_selector(*entry.spec);
  if (!selector) {
    entry.pods.selector_error = selector.error().message;
    return;
  }
  entry.pods.selector = std::move(*selector);
  for (const auto& [key, pod] : in_namespace(pods, budget.metadata.namespace_)) {
    if (entry.pods.matches(*pod)) count(entry.pods, *pod, 1);
  }
}

void BudgetIndex::erase(const api::PodDisruptionBudget& budget) {
  auto it = by_namespace_.find(budget.metadata.namespace_);
  if (it == by_namespace_.end()) return;
  it->second.erase(budget.metadata.name);
  if (it->second.empty()) by_namespace_.erase(it);
}

std::vector<std::string> BudgetIndex::fold(const PodPtr& before, const PodPtr& after) {
  std::vector<std::string> changed;
  auto it = by_namespace_.find((after ? after : before)->metadata.namespace_);
  if (it == by_namespace_.end() || (before && after && counts_the_same(*before, *after))) return changed;
  for (auto& [name, entry] : it->second) {
    bool did = before && entry.pods.matches(*before);
    bool does = after && entry.pods.matches(*after);
    if (did) count(entry.pods, *before, -1);
    if (does) count(entry.pods, *after, 1);
    if (did || does) changed.push_back(name);
  }
  return changed;
}

std::vector<std::string> BudgetIndex::covering(const api::Pod& pod) const {
  std::vector<std::string> names;
  auto it = by_namespace_.find(pod.metadata.namespace_);
  if (it == by_namespace_.end()) return names;
  for (const auto& [name, entry] : it->second) {
    if (entry.pods.matches(pod)) names.push_back(name);
  }
  return names;
}

const BudgetPods* BudgetIndex::find(const std::string& namespace_, const std::string& name) const {
  auto it = by_namespace_.find(namespace_);
  if (it == by_namespace_.end()) return nullptr;
  auto entry = it->second.find(name);
  return entry == it->second.end() ? nullptr : &entry->second.pods;
}

}  // namespace kubeloop::controller_manager
