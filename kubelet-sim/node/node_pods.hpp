// The pods of one running node: a worker for each, from the process's one watch. Admits new pods in the order they
// come; a pod that was acknowledged before (its status has a start time) is taken over with its containers.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kubelet-sim/node/node_context.hpp"
#include "kubelet-sim/node/pod_worker.hpp"
#include "libs/api/views/node.hpp"

namespace kubeloop::kubelet_sim {

class NodePods {
 public:
  using PodPtr = PodWorker::PodPtr;
  // By uid, the pods that the runtime may still hold: outlives a stop of the node, so that those deleted meanwhile
  // are cleaned up.
  using LastSeen = std::map<std::string, PodPtr>;

  NodePods(NodeContext& context, LastSeen& last_seen) : context_(context), last_seen_(last_seen) {}

  // The pods bound to the node now; from here on on_change is listened to. `node` may be null: not known yet.
  void start(std::vector<PodPtr> pods, std::shared_ptr<const api::Node> node);
  // As an informer tells it, for pods of this node only.
  void on_change(const PodPtr& before, const PodPtr& after, std::uint64_t revision);
  void set_node(std::shared_ptr<const api::Node> node) { node_ = std::move(node); }
  std::size_t size() const { return workers_.size(); }

 private:
  void add(const PodPtr& pod, bool is_gone);
  std::optional<Rejection> admit(const api::Pod& pod) const;

  NodeContext& context_;
  LastSeen& last_seen_;
  std::shared_ptr<const api::Node> node_;
  bool is_live_ = false;
  std::map<std::string, std::shared_ptr<PodWorker>> workers_;  // by uid
};

}  // namespace kubeloop::kubelet_sim
