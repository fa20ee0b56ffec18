#include "scheduler/node_tree.hpp"

#include <algorithm>

namespace kubeloop::scheduler {
namespace {

std::string label_of(const api::Node& node, const char* beta, const char* stable) {
  const auto& labels = node.metadata.labels;
  auto it = labels.find(beta);
  if (it == labels.end()) it = labels.find(stable);
  return it == labels.end() ? "" : it->second;
}

}  // namespace

std::string zone_key(const api::Node& node) {
  auto region = label_of(node, "failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region");
  auto zone = label_of(node, "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone");
  if (region.empty() && zone.empty()) return "";
  // A zero byte cannot stand in a label, so no two pairs give the same key.
  return region + std::string(":\0:", 3) + zone;
}

void NodeTree::add(const api::Node& node) {
  auto key = zone_key(node);
  auto zone = std::find_if(zones_.begin(), zones_.end(), [&](const Zone& z) { return z.key == key; });
  if (zone == zones_.end()) {
    Zone fresh;
    fresh.key = std::move(key);
    zone = zones_.insert(zones_.end(), std::move(fresh));
  }
  if (std::find(zone->nodes.begin(), zone->nodes.end(), node.metadata.name) != zone->nodes.end()) return;
  zone->nodes.push_back(node.metadata.name);
  ++size_;
}

void NodeTree::update(const api::Node& before, const api::Node& after) {
  if (zone_key(before) == zone_key(after)) return;
  remove(before);
  add(after);
}

void NodeTree::remove(const api::Node& node) {
  auto key = zone_key(node);
  auto zone = std::find_if(zones_.begin(), zones_.end(), [&](const Zone& z) { return z.key == key; });
  if (zone == zones_.end()) return;
  size_ -= std::erase(zone->nodes, node.metadata.name);
  if (zone->nodes.empty()) zones_.erase(zone);
}

std::vector<std::string> NodeTree::order() const {
  std::vector<std::string> names;
  names.reserve(size_);
  for (std::size_t i = 0; names.size() < size_; ++i) {
    for (const auto& zone : zones_) {
      if (i < zone.nodes.size()) names.push_back(zone.nodes[i]);
    }
  }
  return names;
}

}  // namespace kubeloop::scheduler
