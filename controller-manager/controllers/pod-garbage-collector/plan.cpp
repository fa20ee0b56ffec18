#include "controller-manager/controllers/pod-garbage-collector/plan.hpp"

#include <algorithm>
#include <tuple>

namespace kubeloop::controller_manager {
namespace {

template <class Predicate>
std::vector<std::string> select(const PodMap& pods, Predicate predicate) {
  std::vector<std::string> keys;
  for (const auto& [key, pod] : pods) {
    if (predicate(*pod)) keys.push_back(key);
  }
  return keys;
}

bool is_being_deleted(const api::Pod& pod) {
  return !pod.metadata.deletionTimestamp.empty();
}

}  // namespace

MissingNodes missing_nodes(const MissingNodes& known, const PodMap& pods, const NodeMap& nodes, Instant now) {
  MissingNodes result;
  for (const auto& [key, pod] : pods) {
    const auto& node = pod->spec.nodeName;
    if (node.empty() || nodes.contains(node)) continue;
    auto it = known.find(node);
    result.emplace(node, it == known.end() ? now : it->second);
  }
  return result;
}

std::vector<std::string> surplus_ended(const PodMap& pods, int threshold) {
  auto keys = select(pods, [](const api::Pod& pod) { return pod.is_terminal(); });
  auto surplus = static_cast<std::ptrdiff_t>(keys.size()) - threshold;
  if (threshold <= 0 || surplus <= 0) return {};
  // Timestamps are all in one form, so their order is that of their text.
  std::ranges::sort(keys, {}, [&](const std::string& key) {
    const auto& pod = *pods.at(key);
    bool is_evicted = pod.status.phase == "Failed" && pod.status.reason == "Evicted";
    return std::tuple(!is_evicted, pod.metadata.creationTimestamp, key);
  });
  keys.resize(static_cast<std::size_t>(surplus));
  return keys;
}

std::vector<std::string> unbound_terminating(const PodMap& pods) {
  return select(pods, [](const api::Pod& pod) { return is_being_deleted(pod) && pod.spec.nodeName.empty(); });
}

std::vector<std::string> out_of_service(const PodMap& pods, const NodeMap& nodes) {
  return select(pods, [&](const api::Pod& pod) {
    auto it = nodes.find(pod.spec.nodeName);
    if (!is_being_deleted(pod) || it == nodes.end()) return false;
    const auto* ready = api::find_condition(it->second->status.conditions, "Ready");
    bool is_ready = ready && ready->status == "True";
    return !is_ready && std::ranges::any_of(it->second->spec.taints, [](const api::Taint& taint) {
      return taint.key == "node.kubernetes.io/out-of-service";
    });
  });
}

std::vector<std::string> bound_to(const PodMap& pods, const std::set<std::string>& nodes) {
  return select(pods, [&](const api::Pod& pod) { return nodes.contains(pod.spec.nodeName); });
}

}  // namespace kubeloop::controller_manager
