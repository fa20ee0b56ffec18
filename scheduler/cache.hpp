// What the scheduler believes is where: nodes and the pods on them. Bound pods come from the hub; a pod that was just
// placed is *assumed* on its node until the hub says so itself, or the binding failed. Single-threaded; owned by the
// Scheduler.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "scheduler/framework/snapshot.hpp"
#include "scheduler/node_tree.hpp"

namespace kubeloop::scheduler {

class Cache;

// Holds an assumed pod in its place. Destroyed without commit(), it takes the pod out again; harmless when the cache is
// gone.
class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation&& other) noexcept
      : cache_(std::exchange(other.cache_, nullptr)), alive_(std::move(other.alive_)), uid_(std::move(other.uid_)) {}
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation() { release(); }

  // The binding was accepted: the pod stays, until the hub reports it bound or gone.
  void commit() { cache_ = nullptr; }
  // Takes the pod out now. Nothing when the hub has reported it bound meanwhile.
  void release();

 private:
  friend class Cache;
  Reservation(Cache& cache, std::weak_ptr<char> alive, std::string uid)
      : cache_(&cache), alive_(std::move(alive)), uid_(std::move(uid)) {}
  Cache* cache_ = nullptr;
  std::weak_ptr<char> alive_;
  std::string uid_;
};

class Cache {
 public:
  Cache() = default;
  Cache(const Cache&) = delete;

  void add_node(std::shared_ptr<const api::Node> node);
  void update_node(const std::shared_ptr<const api::Node>& before, std::shared_ptr<const api::Node> after);
  // A node with pods on it stays as a ghost.
  void remove_node(const api::Node& node);

  // Places the pod on the node until the hub reports it. The pod must not be in the cache.
  [[nodiscard]] Reservation assume(PodInfoPtr pod, const std::string& node);
  // A bound pod as the hub reports it; confirms or corrects an assumed one of that uid.
  void add_pod(PodInfoPtr pod);
  // The hub reports that the pod is gone; nothing for one that is not there.
  void remove_pod(const std::string& uid);

  bool is_assumed(const std::string& uid) const;
  // The pod as the cache has it, with the node that it is on ("" when it is not there).
  std::string node_of(const std::string& uid) const;
  const std::map<std::string, std::unique_ptr<NodeInfo>>& nodes() const { return nodes_; }
  std::size_t assumed_count() const;
  std::size_t pod_count() const { return pods_.size(); }

  // The nodes in search order. The order is taken anew from the node tree only when a node has come or gone since the
  // last snapshot (as upstream does, so a node that changed its zone keeps its place until then). Valid until the next
  // change of the cache.
  const Snapshot& snapshot(const Nominator* nominator = nullptr);

 private:
  friend class Reservation;
  struct PlacedPod {
    PodInfoPtr pod;
    std::string node;
    bool is_assumed = false;
  };

  NodeInfo& node_info(const std::string& name);
  void place(PodInfoPtr pod, const std::string& node, bool is_assumed);
  void take_out(std::map<std::string, PlacedPod>::iterator it);
  void drop_if_empty_ghost(const std::string& name);
  void forget(const std::string& uid);
  void set_images(NodeInfo& info);
  void clear_images(NodeInfo& info);

  std::map<std::string, std::unique_ptr<NodeInfo>> nodes_;
  std::map<std::string, PlacedPod> pods_;  // by uid
  std::map<std::string, std::shared_ptr<ImageState>> images_;
  NodeTree tree_;
  std::vector<std::string> order_;            // of the last snapshot
  std::map<std::string, int> changed_nodes_;  // since then: +1 came, -1 went; 0 went and came again
  bool is_stale_ = true;                      // the snapshot's pointers are not valid any more
  Snapshot snapshot_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace kubeloop::scheduler
