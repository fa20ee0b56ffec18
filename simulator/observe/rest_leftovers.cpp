#include "simulator/observe/rest_leftovers.hpp"

#include <fmt/core.h>

#include <set>

#include "libs/api/time.hpp"
#include "simulator/observe/rest_state.hpp"

namespace kubeloop::simulator {
namespace {

// A kubelet that was told late still gets this much.
constexpr Duration kLate = std::chrono::minutes(1);

bool is_overdue(const api::ObjectMeta& metadata, WallTime now) {
  auto due = api::parse_time(metadata.deletionTimestamp);
  return due && *due + kLate < now;
}

bool is_ready_node(const api::Node& node) {
  const auto* condition = api::find_condition(node.status.conditions, "Ready");
  return condition && condition->status == "True";
}

}  // namespace

void RestLeftovers::check_rest(const RestState& state) {
  check_owners(state);
  check_pods(state);
  check_namespaces(state);
}

void RestLeftovers::check_owners(const RestState& state) {
  std::set<std::string_view> uids;
  for (const auto& object : state.objects) uids.insert(object.metadata.uid);
  for (const auto& object : state.objects) {
    const auto* owner = api::controller_of(object.metadata);
    // One that is going and is held by a finalizer may outlive its owner.
    if (!owner || uids.contains(owner->uid) || !object.metadata.deletionTimestamp.empty()) continue;
    violate(fmt::format("{} is there, its owner {} {} is not", object.title, owner->kind, owner->name), 0, state.at);
  }
}

void RestLeftovers::check_pods(const RestState& state) {
  std::map<std::string_view, const api::Node*> nodes;
  for (const auto& node : state.nodes) nodes[node.metadata.name] = &node;
  for (const auto& pod : state.pods) {
    const auto& metadata = pod->metadata;
    if (pod->spec.nodeName.empty()) continue;
    auto object = fmt::format("pods/{}/{}", metadata.namespace_, metadata.name);
    auto it = nodes.find(pod->spec.nodeName);
    if (it == nodes.end()) {
      violate(fmt::format("{} is on {}, which is not there", object, pod->spec.nodeName), 0, state.at);
      continue;
    }
    bool should_be_gone = is_overdue(metadata, state.wall) && metadata.finalizers.empty();
    if (!should_be_gone || !is_ready_node(*it->second)) continue;
    violate(fmt::format("{} should have gone at {} and is still on {}, which is ready", object,
                        metadata.deletionTimestamp, pod->spec.nodeName),
            0, state.at);
  }
}

void RestLeftovers::check_namespaces(const RestState& state) {
  std::set<std::string_view> there, used;
  for (const auto& one : state.namespaces) there.insert(one.metadata.name);
  for (const auto& object : state.objects) {
    const auto& namespace_ = object.metadata.namespace_;
    if (namespace_.empty()) continue;
    used.insert(namespace_);
    if (there.contains(namespace_)) continue;
    violate(fmt::format("{} is there, its namespace is not", object.title), 0, state.at);
  }
  for (const auto& one : state.namespaces) {
    bool is_held = !one.metadata.finalizers.empty() || used.contains(one.metadata.name);
    if (is_held || !is_overdue(one.metadata, state.wall)) continue;
    violate(fmt::format("namespaces/{} is still going, and nothing is in it", one.metadata.name), 0, state.at);
  }
}

}  // namespace kubeloop::simulator
