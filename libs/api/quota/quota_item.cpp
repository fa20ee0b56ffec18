#include "libs/api/quota/quota_item.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "libs/api/quota/pod_amounts.hpp"
#include "libs/api/resource_names.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::api {
namespace {

constexpr std::string_view kCount = "count/";
constexpr std::string_view kRequests = "requests.";
constexpr std::array<std::string_view, 6> kCountedByName{
    "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas", "secrets", "services"};
constexpr std::array<std::string_view, 11> kOfPods{"count/pods",
                                                   "cpu",
                                                   "memory",
                                                   "ephemeral-storage",
                                                   "requests.cpu",
                                                   "requests.memory",
                                                   "requests.ephemeral-storage",
                                                   "limits.cpu",
                                                   "limits.memory",
                                                   "limits.ephemeral-storage",
                                                   "pods"};

Quantity one() {
  return Quantity::from_value(1);
}

template <class List>
bool has(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool is_of_pods(std::string_view name) {
  if (has(kOfPods, name) || name.starts_with("hugepages-") || name.starts_with("requests.hugepages-")) return true;
  return !is_native_resource(name) && name.starts_with(kRequests);
}

// What a pod uses while it lives.
Amounts compute_usage(const Pod& pod) {
  Amounts out;
  out["pods"] = one();
  for (const auto& [name, amount] : pod_requests(pod)) {
    bool is_compute = name == "cpu" || name == "memory" || name == "ephemeral-storage";
    bool is_huge_page = name.starts_with("hugepages-");
    if (is_compute || is_huge_page) out[name] = amount;
    if (is_compute || is_huge_page || is_extended_resource(name)) out[std::string(kRequests) + name] = amount;
  }
  for (const auto& [name, amount] : pod_limits(pod)) {
    if (name == "cpu" || name == "memory" || name == "ephemeral-storage") out["limits." + name] = amount;
  }
  return out;
}

// Stuck on a node that is lost, mostly: it must not keep its successor out.
bool is_overdue(const Pod& pod, WallTime now) {
  const auto& metadata = pod.metadata;
  if (metadata.deletionTimestamp.empty() || !metadata.deletionGracePeriodSeconds) return false;
  auto at = parse_time(metadata.deletionTimestamp);
  return at && now > *at + std::chrono::seconds(*metadata.deletionGracePeriodSeconds);
}

bool is_in_scope(const Pod& pod, const ScopeRequirement& scope) {
  const auto& name = scope.scopeName;
  bool is_ending = pod.spec.activeDeadlineSeconds && *pod.spec.activeDeadlineSeconds >= 0;
  if (name == "Terminating") return is_ending;
  if (name == "NotTerminating") return !is_ending;
  if (name == "BestEffort") return pod.status.qosClass == "BestEffort";
  if (name == "NotBestEffort") return pod.status.qosClass != "BestEffort";
  if (name != "PriorityClass") return false;
  const auto& priority = pod.spec.priorityClassName;
  if (scope.operator_ == "Exists") return !priority.empty();
  if (scope.operator_ == "DoesNotExist") return priority.empty();
  bool is_named = !priority.empty() && std::ranges::find(scope.values, priority) != scope.values.end();
  return scope.operator_ == "In" ? is_named : !is_named;
}

}  // namespace

QuotaItem quota_item_of_pod(std::shared_ptr<const Pod> pod, WallTime now) {
  QuotaItem item;
  item.resource = "pods";
  if (!pod->is_terminal() && !is_overdue(*pod, now)) item.usage = compute_usage(*pod);
  item.usage["count/pods"] = one();
  item.pod = std::move(pod);
  return item;
}

QuotaItem quota_item_of_service(const Service& service) {
  auto item = quota_item_of_object("services");
  bool is_balanced = service.spec.type == "LoadBalancer";
  bool has_node_ports = is_balanced || service.spec.type == "NodePort";
  auto ports = has_node_ports ? static_cast<std::int64_t>(service.spec.ports.size()) : 0;
  item.usage["services.nodeports"] = Quantity::from_value(ports);
  item.usage["services.loadbalancers"] = Quantity::from_value(is_balanced ? 1 : 0);
  return item;
}

QuotaItem quota_item_of_object(std::string resource) {
  QuotaItem item;
  item.usage[std::string(kCount) + resource] = one();
  if (has(kCountedByName, resource)) item.usage[resource] = one();
  item.resource = std::move(resource);
  return item;
}

bool concerns(const QuotaItem& item, std::string_view name) {
  return item.pod ? is_of_pods(name) : item.usage.contains(std::string(name));
}

bool is_covered(const QuotaItem& item, const ResourceQuotaSpec& quota) {
  bool has_scopes = !quota.scopes.empty() || !quota.scopeSelector.matchExpressions.empty();
  if (!item.pod) return !has_scopes;
  for (const auto& name : quota.scopes) {
    ScopeRequirement scope;
    scope.scopeName = name;
    scope.operator_ = "Exists";
    if (!is_in_scope(*item.pod, scope)) return false;
  }
  return std::ranges::all_of(quota.scopeSelector.matchExpressions,
                             [&](const ScopeRequirement& scope) { return is_in_scope(*item.pod, scope); });
}

Amounts charge_of(const QuotaItem& item, const ResourceQuotaSpec& quota, const StringMap& hard) {
  Amounts out;
  if (!is_covered(item, quota)) return out;
  for (const auto& [name, amount] : item.usage) {
    if (hard.contains(name) && !amount.is_zero()) out.emplace(name, amount);
  }
  return out;
}

std::string_view counted_resource(std::string_view name) {
  if (name.starts_with(kCount)) return name.substr(kCount.size());
  return has(kCountedByName, name) ? name : std::string_view();
}

}  // namespace kubeloop::api
