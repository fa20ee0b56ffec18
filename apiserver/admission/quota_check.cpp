#include "apiserver/admission/quota_check.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "apiserver/strategies/strategy.hpp"
#include "libs/api/codec/view.hpp"

namespace kubeloop::apiserver {
namespace {

std::string joined(const std::vector<std::string>& items, const char* between) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : between) + item;
  return out;
}

// Of the names in the quota that concern the item: those that every container must set.
std::vector<std::string> required_of_containers(const std::vector<std::string>& names) {
  constexpr std::array<std::string_view, 6> kRequired{"cpu",    "limits.cpu",   "limits.memory",
                                                      "memory", "requests.cpu", "requests.memory"};
  std::vector<std::string> out;
  for (const auto& name : names) {
    if (std::ranges::find(kRequired, name) != kRequired.end()) out.push_back(name);
  }
  return out;
}

bool sets(const api::ResourceRequirements& resources, const std::string& name) {
  if (name.starts_with("limits.")) return resources.limits.contains(name.substr(7));
  return resources.requests.contains(name.starts_with("requests.") ? name.substr(9) : name);
}

// "must specify limits.cpu for: a,b; memory for: a", or "".
std::string missing_in(const api::Pod& pod, const std::vector<std::string>& required) {
  std::vector<std::string> sentences;
  for (const auto& name : required) {
    if (pod.spec.resources && sets(*pod.spec.resources, name)) continue;
    std::set<std::string> containers;
    for (const auto* list : {&pod.spec.containers, &pod.spec.initContainers}) {
      for (const auto& container : *list) {
        if (!sets(container.resources, name)) containers.insert(container.name);
      }
    }
    if (containers.empty()) continue;
    sentences.push_back(name + " for: " + joined({containers.begin(), containers.end()}, ","));
  }
  return sentences.empty() ? "" : "must specify " + joined(sentences, "; ");
}

api::Amounts masked(const api::Amounts& amounts, const std::set<std::string>& names) {
  api::Amounts out;
  for (const auto& name : names) {
    auto it = amounts.find(name);
    if (it != amounts.end()) out.insert(*it);
  }
  return out;
}

}  // namespace

std::optional<api::QuotaItem> quota_item(const AdmissionAttributes& attributes, WallTime now) {
  bool is_counted = attributes.operation == Operation::kCreate && attributes.subresource.empty() &&
                    attributes.kind->is_namespaced && attributes.kind->plural != "events";
  if (!is_counted) return std::nullopt;
  if (attributes.is_for("pods")) {
    auto pod = api::decode_view<api::Pod>(attributes.object->dump());
    if (!pod) return std::nullopt;
    return api::quota_item_of_pod(std::make_shared<const api::Pod>(std::move(*pod)), now);
  }
  if (attributes.is_for("services")) {
    auto service = api::decode_view<api::Service>(attributes.object->dump());
    if (!service) return std::nullopt;
    return api::quota_item_of_service(*service);
  }
  return api::quota_item_of_object(attributes.kind->group_resource());
}

std::expected<api::Amounts, std::string> check_quota(const api::ResourceQuota& quota, const api::QuotaItem& item) {
  std::vector<std::string> concerned;
  for (const auto& [name, amount] : quota.status.hard) {
    if (api::concerns(item, name)) concerned.push_back(name);
  }
  if (concerned.empty() || !api::is_covered(item, quota.spec)) return api::Amounts();
  const auto& name = quota.metadata.name;
  if (item.pod) {
    auto missing = missing_in(*item.pod, required_of_containers(concerned));
    if (!missing.empty()) return std::unexpected("failed quota: " + name + ": " + missing);
  }
  bool is_known = std::ranges::all_of(concerned, [&](const auto& one) { return quota.status.used.contains(one); });
  if (!is_known) {
    return std::unexpected("status unknown for quota: " + name + ", resources: " + joined(concerned, ","));
  }
  auto wanted = api::charge_of(item, quota.spec, quota.status.hard);
  auto used = api::read_amounts(quota.status.used);
  auto hard = api::read_amounts(quota.status.hard);
  std::set<std::string> exceeded;
  for (const auto& [resource, amount] : wanted) {
    if (used[resource] + amount > hard[resource]) exceeded.insert(resource);
  }
  if (exceeded.empty()) return wanted;
  return std::unexpected("exceeded quota: " + name + ", requested: " + api::amounts_text(masked(wanted, exceeded)) +
                         ", used: " + api::amounts_text(masked(used, exceeded)) +
                         ", limited: " + api::amounts_text(masked(hard, exceeded)));
}

}  // namespace kubeloop::apiserver
