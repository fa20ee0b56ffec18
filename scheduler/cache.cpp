#include "scheduler/cache.hpp"

#include <algorithm>

#include "libs/base/planted.hpp"

namespace kubeloop::scheduler {
namespace {

bool has_same_images(const api::Node& a, const api::Node& b) {
  return std::ranges::equal(a.status.images, b.status.images, [](const auto& x, const auto& y) {
    return x.sizeBytes == y.sizeBytes && x.names == y.names;
  });
}

}  // namespace

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this != &other) {
    release();
    cache_ = std::exchange(other.cache_, nullptr);
    alive_ = std::move(other.alive_);
    uid_ = std::move(other.uid_);
  }
  return *this;
}

void Reservation::release() {
  auto* cache = std::exchange(cache_, nullptr);
  if (cache != nullptr && !alive_.expired()) cache->forget(uid_);
}

NodeInfo& Cache::node_info(const std::string& name) {
  auto& slot = nodes_[name];
  if (!slot) slot = std::make_unique<NodeInfo>(name);
  return *slot;
}

void Cache::add_node(std::shared_ptr<const api::Node> node) {
  const auto& name = node->metadata.name;
  auto& info = node_info(name);
  if (info.node) {
    auto before = info.node;
    update_node(before, std::move(node));
    return;
  }
  tree_.add(*node);
  ++changed_nodes_[name];
  is_stale_ = true;
  info.set_node(std::move(node));
  set_images(info);
}

void Cache::update_node(const std::shared_ptr<const api::Node>& before, std::shared_ptr<const api::Node> after) {
  auto& info = node_info(after->metadata.name);
  if (!info.node) {
    add_node(std::move(after));
    return;
  }
  tree_.update(*info.node, *after);
  // A heartbeat brings the same images as before.
  bool is_same = has_same_images(*info.node, *after);
  if (!is_same) clear_images(info);
  info.set_node(std::move(after));
  if (!is_same) set_images(info);
}

void Cache::remove_node(const api::Node& node) {
  auto it = nodes_.find(node.metadata.name);
  if (it == nodes_.end() || !it->second->node) return;
  auto& info = *it->second;
  tree_.remove(*info.node);
  --changed_nodes_[info.name];
  is_stale_ = true;
  clear_images(info);
  info.set_node(nullptr);
  drop_if_empty_ghost(node.metadata.name);
}

void Cache::set_images(NodeInfo& info) {
  for (const auto& image : info.node->status.images) {
    for (const auto& name : image.names) {
      auto& state = images_[name];
      if (!state) {
        state = std::make_shared<ImageState>();
        state->size_bytes = image.sizeBytes;
      }
      state->nodes.insert(info.name);
      info.images[name] = state;
    }
  }
}

void Cache::clear_images(NodeInfo& info) {
  for (const auto& [name, state] : info.images) {
    auto it = images_.find(name);
    if (it == images_.end()) continue;
    it->second->nodes.erase(info.name);
    if (it->second->nodes.empty()) images_.erase(it);
  }
  info.images.clear();
}

Reservation Cache::assume(PodInfoPtr pod, const std::string& node) {
  std::string uid = pod->uid();
  if (is_planted("scheduler-forgets-assumed-pods")) return Reservation();
  place(std::move(pod), node, true);
  return Reservation(*this, alive_, std::move(uid));
}

void Cache::add_pod(PodInfoPtr pod) {
  auto it = pods_.find(pod->uid());
  if (it != pods_.end()) take_out(it);
  const std::string node = pod->pod->spec.nodeName;
  place(std::move(pod), node, false);
}

void Cache::remove_pod(const std::string& uid) {
  auto it = pods_.find(uid);
  if (it != pods_.end()) take_out(it);
}

void Cache::forget(const std::string& uid) {
  auto it = pods_.find(uid);
  if (it != pods_.end() && it->second.is_assumed) take_out(it);
}

void Cache::place(PodInfoPtr pod, const std::string& node, bool is_assumed) {
  PlacedPod placed;
  placed.pod = pod;
  placed.node = node;
  placed.is_assumed = is_assumed;
  node_info(node).add_pod(std::move(pod));
  pods_[placed.pod->uid()] = placed;
}

void Cache::take_out(std::map<std::string, PlacedPod>::iterator it) {
  const std::string node = it->second.node;
  node_info(node).remove_pod(it->first);
  pods_.erase(it);
  drop_if_empty_ghost(node);
}

void Cache::drop_if_empty_ghost(const std::string& name) {
  auto it = nodes_.find(name);
  if (it == nodes_.end() || it->second->node || !it->second->pods.empty()) return;
  nodes_.erase(it);
}

bool Cache::is_assumed(const std::string& uid) const {
  auto it = pods_.find(uid);
  return it != pods_.end() && it->second.is_assumed;
}

std::string Cache::node_of(const std::string& uid) const {
  auto it = pods_.find(uid);
  return it == pods_.end() ? "" : it->second.node;
}

std::size_t Cache::assumed_count() const {
  return static_cast<std::size_t>(
      std::count_if(pods_.begin(), pods_.end(), [](const auto& entry) { return entry.second.is_assumed; }));
}

const Snapshot& Cache::snapshot(const Nominator* nominator) {
  snapshot_.nominator = nominator;
  bool has_changed =
      std::any_of(changed_nodes_.begin(), changed_nodes_.end(), [](const auto& entry) { return entry.second != 0; });
  if (has_changed) order_ = tree_.order();
  changed_nodes_.clear();
  if (is_stale_) {
    snapshot_.nodes.clear();
    snapshot_.by_name.clear();
    for (const auto& name : order_) {
      const NodeInfo* info = nodes_.at(name).get();
      snapshot_.nodes.push_back(info);
      snapshot_.by_name.emplace(info->name, info);
    }
    is_stale_ = false;
  }
  return snapshot_;
}

}  // namespace kubeloop::scheduler
