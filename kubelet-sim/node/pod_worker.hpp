// The worker of one pod: feeds the lifecycle machine what it sees, and carries out what it asks for: events, status
// writes, runtime operations, the final delete. One coroutine, owned by its node's TaskGroup; it ends when the pod is
// gone and nothing of it is left.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "kubelet-sim/lifecycle/pod_state.hpp"
#include "kubelet-sim/node/node_context.hpp"
#include "libs/base/signal.hpp"

namespace kubeloop::kubelet_sim {

class PodWorker {
 public:
  using PodPtr = std::shared_ptr<const api::Pod>;

  // `context` outlives the worker's coroutine. `rejection`: the node's verdict on a pod that it has not admitted
  // before.
  PodWorker(NodeContext& context, PodPtr pod, std::optional<Rejection> rejection);

  // The pod has changed at `revision`.
  void update(PodPtr pod, std::uint64_t revision);
  // The object exists no more: what runs of it is stopped.
  void drop(std::uint64_t revision);

  // `on_finished` is called last.
  static awaitable<void> run(std::shared_ptr<PodWorker> self, std::function<void()> on_finished);

  const PodPtr& pod() const { return pod_; }
  // Whether its requests count on the node: admitted and not ended.
  bool is_counted() const;

 private:
  Seen look(const api::Pod& pod) const;
  awaitable<void> perform(PodPtr pod, Action action, client::Cause cause);
  awaitable<void> write_status(PodPtr pod, api::PodStatus status, client::Cause cause);
  awaitable<void> remove(PodPtr pod, client::Cause cause);
  void record(const api::Pod& pod, const EventDraft& draft, client::Cause cause);

  NodeContext& context_;
  Env env_;
  PodPtr pod_;
  bool is_gone_ = false;
  std::uint64_t revision_ = 0;  // of the change that woke us; 0: a timer did
  std::optional<Rejection> rejection_;
  PodState state_;
  Signal changed_;
};

}  // namespace kubeloop::kubelet_sim
