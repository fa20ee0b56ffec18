#include "simulator/observe/node_capacity.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "libs/api/codec/view.hpp"
#include "libs/api/quota/pod_amounts.hpp"
#include "libs/api/views/node.hpp"

namespace kubeloop::simulator {
namespace {

// For so long a node that has become smaller is taken to be as big as it was.
constexpr Duration kNewsTime = std::chrono::minutes(1);

api::Amounts requests_of(const Commit& commit) {
  auto pod = api::decode_view<api::Pod>(*commit.change.value);
  api::Amounts out = pod ? api::pod_requests(*pod) : api::Amounts();
  out["pods"] = api::Quantity::from_value(1);
  return out;
}

api::Quantity amount_of(const api::Amounts& amounts, const std::string& name) {
  auto it = amounts.find(name);
  return it == amounts.end() ? api::Quantity() : it->second;
}

bool has_ended(const std::string& phase) {
  return phase == "Succeeded" || phase == "Failed";
}

}  // namespace

void NodeCapacity::check(const Commit& commit) {
  if (commit.is_of("pods")) {
    check_pod(commit);
  } else if (commit.is_of("nodes")) {
    check_node(commit);
  }
}

void NodeCapacity::check_node(const Commit& commit) {
  Node& node = nodes_[commit.header().name];
  if (commit.is_delete()) {
    node.is_known = false;
    if (node.used.empty()) nodes_.erase(commit.header().name);
    return;
  }
  auto text = client::find_member(commit.part("status"), "allocatable");
  auto before = client::find_member(commit.part_before("status"), "allocatable");
  if (node.is_known && text == before) return;
  node.earlier = node.is_known ? std::move(node.allocatable) : api::Amounts();
  node.is_known = true;
  node.changed = commit.at;
  auto read = api::decode_view<api::StringMap>(text.empty() ? "{}" : text);
  node.allocatable = read ? api::read_amounts(*read) : api::Amounts();
}

void NodeCapacity::release(const std::string& uid) {
  auto it = pods_.find(uid);
  if (it == pods_.end()) return;
  auto& used = nodes_[it->second.node].used;
  api::subtract_amounts(used, it->second.requests);
  std::erase_if(used, [](const auto& one) { return one.second.is_zero(); });
  pods_.erase(it);
}

void NodeCapacity::check_pod(const Commit& commit) {
  const auto& uid = commit.header().uid;
  auto name = commit.field("spec.nodeName");
  if (commit.is_delete() || name.empty() || has_ended(commit.field("status.phase"))) {
    release(uid);
    return;
  }
  auto it = pods_.find(uid);
  bool is_same = it != pods_.end() && it->second.node == name;
  if (is_same && commit.part("spec") == commit.part_before("spec")) return;
  release(uid);
  Node& node = nodes_[name];
  Pod pod{name, requests_of(commit)};
  api::add_amounts(node.used, pod.requests);
  bool is_binding = commit.before && commit.field_before("spec.nodeName").empty();
  if (is_binding && node.is_known) check_binding(commit, pod, node);
  pods_.emplace(uid, std::move(pod));
}

void NodeCapacity::check_binding(const Commit& commit, const Pod& pod, const Node& node) {
  bool is_news = commit.at - node.changed < kNewsTime;
  for (const auto& [resource, amount] : pod.requests) {
    if (amount.is_zero()) continue;
    auto there = amount_of(node.allocatable, resource);
    auto most = is_news ? std::max(there, amount_of(node.earlier, resource)) : there;
    auto used = amount_of(node.used, resource);
    if (used <= most) continue;
    violate(fmt::format(
                "{}, which asks for {} of {}, was bound to {} at revision {}: its pods now ask for {}, it has {}",
                commit.name(), amount.text(), resource, pod.node, commit.change.revision, used.text(), there.text()),
            commit.change.revision, commit.at);
    return;
  }
}

}  // namespace kubeloop::simulator
