#include "simulator/observe/bound_once.hpp"

#include <fmt/core.h>

namespace kubeloop::simulator {

void BoundOnce::check(const Commit& commit) {
  if (!commit.is_of("pods")) return;
  const auto& uid = commit.header().uid;
  if (commit.is_delete()) {
    bound_.erase(uid);
    return;
  }
  auto node = commit.field("spec.nodeName");
  auto revision = commit.change.revision;
  auto it = bound_.find(uid);
  if (it == bound_.end()) {
    if (!node.empty()) bound_.emplace(uid, Bound{std::move(node), revision});
    return;
  }
  Bound& bound = it->second;
  if (node == bound.node) return;
  violate(fmt::format("{} was bound to {} at revision {}, it was bound to {} at {}", commit.name(),
                      node.empty() ? "no node" : node, revision, bound.node, bound.revision),
          revision, commit.at);
  bound = Bound{std::move(node), revision};
}

}  // namespace kubeloop::simulator
