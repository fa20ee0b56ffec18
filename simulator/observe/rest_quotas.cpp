#include "simulator/observe/rest_quotas.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "libs/api/quota/quota_item.hpp"
#include "simulator/observe/rest_state.hpp"

namespace kubeloop::simulator {
namespace {

api::Amounts used_in(const RestState& state, const api::ResourceQuota& quota) {
  api::Amounts out;
  const auto& namespace_ = quota.metadata.namespace_;
  auto charge = [&](const api::QuotaItem& item) {
    api::add_amounts(out, api::charge_of(item, quota.spec, quota.spec.hard));
  };
  for (const auto& pod : state.pods) {
    if (pod->metadata.namespace_ == namespace_) charge(api::quota_item_of_pod(pod, state.wall));
  }
  for (const auto& service : state.services) {
    if (service.metadata.namespace_ == namespace_) charge(api::quota_item_of_service(service));
  }
  for (const auto& object : state.objects) {
    bool is_other = object.resource != "pods" && object.resource != "services";
    if (is_other && object.metadata.namespace_ == namespace_) charge(api::quota_item_of_object(object.resource));
  }
  return out;
}

}  // namespace

void RestQuotas::check_rest(const RestState& state) {
  for (const auto& quota : state.quotas) check_quota(state, quota);
  for (const auto& budget : state.budgets) check_budget(state, budget);
}

void RestQuotas::check_quota(const RestState& state, const api::ResourceQuota& quota) {
  // When a pod on its way out stops counting is a matter of time, and nothing tells the controller.
  auto pods = state.pods_in.find(quota.metadata.namespace_);
  bool is_certain = pods == state.pods_in.end() || std::ranges::all_of(pods->second, [](const api::Pod* pod) {
                      return pod->metadata.deletionTimestamp.empty();
                    });
  if (!is_certain || !quota.metadata.deletionTimestamp.empty()) return;
  auto used = used_in(state, quota);
  auto told = api::read_amounts(quota.status.used);
  for (const auto& [name, text] : quota.spec.hard) {
    auto it = told.find(name);
    // What nothing counts has no entry.
    if (it == told.end()) continue;
    auto found = used.contains(name) ? used[name] : api::Quantity();
    if (it->second == found) continue;
    violate(fmt::format("resourcequotas/{}/{} says that {} of {} are used, they are {}", quota.metadata.namespace_,
                        quota.metadata.name, it->second.text(), name, found.text()),
            0, state.at);
  }
}

void RestQuotas::check_budget(const RestState& state, const api::PodDisruptionBudget& budget) {
  bool is_counted = budget.spec.selector && budget.metadata.deletionTimestamp.empty();
  if (!is_counted || !budget.status.disruptedPods.empty()) return;
  auto selector = api::to_label_selector(*budget.spec.selector);
  if (!selector) return;
  std::int64_t healthy = 0;
  auto it = state.pods_in.find(budget.metadata.namespace_);
  if (it != state.pods_in.end()) {
    for (const auto* pod : it->second) {
      bool is_healthy = is_active(*pod) && is_ready(*pod) && selector->matches(pod->metadata.labels);
      healthy += is_healthy ? 1 : 0;
    }
  }
  if (budget.status.currentHealthy == healthy) return;
  violate(fmt::format("poddisruptionbudgets.policy/{}/{} says that {} pods are healthy, they are {}",
                      budget.metadata.namespace_, budget.metadata.name, budget.status.currentHealthy, healthy),
          0, state.at);
}

}  // namespace kubeloop::simulator
