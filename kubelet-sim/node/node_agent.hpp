// The kubelet of one node, for one life of it: registers the node, renews its lease, reports its status, runs its
// pods. Owns its coroutines; stop() silences it at once, and it must be joined before it is destroyed.
#pragma once
#include <memory>
#include <string>

#include "kubelet-sim/node/node_context.hpp"
#include "kubelet-sim/node/node_pods.hpp"
#include "libs/api/views/node.hpp"

namespace kubeloop::kubelet_sim {

class NodeAgent {
 public:
  using NodePtr = std::shared_ptr<const api::Node>;

  // `profile`, `timings`, `runtime` and `last_seen` outlive the agent.
  NodeAgent(Env env, const NodeProfile& profile, const Timings& timings, Runtime& runtime,
            const client::ApiClient& process_client, NodePods::LastSeen& last_seen);

  // Begins registration, lease and status. Pods follow with start_pods().
  void start();
  void stop() { context_.tasks.stop(); }
  // The failure of one of its tasks is `parent`'s too.
  void report_to(const TaskGroup& parent) { context_.tasks.report_to(parent); }
  awaitable<void> join() { return context_.tasks.join(); }

  NodePods& pods() { return pods_; }
  // The node as the watch tells it; null when it was deleted.
  void on_node(NodePtr node);
  const NodePtr& node() const { return node_; }

 private:
  awaitable<void> run();
  awaitable<void> register_node();
  awaitable<bool> try_register();
  awaitable<void> keep_status();
  awaitable<void> sync_status();
  awaitable<Result<void>> send_status(const std::vector<api::Condition>& conditions, const std::string& facts);
  awaitable<void> keep_lease();
  awaitable<void> ensure_lease();
  awaitable<void> renew_lease();
  std::string lease_object() const;
  void take(const std::string& body);
  void event(std::string reason, std::string message);
  void tell_schedulable();
  std::size_t images_present() const;

  NodeContext context_;
  NodePods pods_;
  NodePtr node_;  // the newest that is known
  Instant started_at_{};
  std::string told_facts_;  // what the hub was told besides the conditions
  Instant reported_at_{};
  bool was_ready_ = false;  // Ready was reported once in this life
  bool is_cordoned_ = false;
  NodePtr settled_node_;  // with which there was nothing to tell
  std::size_t settled_images_ = 0;
  std::string facts_;  // as of so many images
  std::size_t facts_images_ = 0;
  std::string lease_;  // the lease as the hub has it, whole; "" = not known
};

}  // namespace kubeloop::kubelet_sim
