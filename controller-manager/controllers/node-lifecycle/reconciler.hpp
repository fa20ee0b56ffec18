// The node lifecycle controller: notices that a node has fallen silent, makes its conditions Unknown and its pods not
// ready, and keeps the node's taints in step with its conditions; all back when the node returns. Source: Kubernetes'
// node lifecycle controller.
#pragma once
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/node-lifecycle/node_writer.hpp"
#include "controller-manager/controllers/node-lifecycle/zone_plan.hpp"
#include "controller-manager/controllers/node-lifecycle/zone_queue.hpp"
#include "libs/base/signal.hpp"
#include "libs/client/event_recorder.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class NodeLifecycle final : public Controller {
 public:
  explicit NodeLifecycle(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  using PodPtr = PodIndex::Ptr;

  // NoSchedule taints of one node, from its conditions.
  struct NoScheduleTaints final : client::Reconciler {
    explicit NoScheduleTaints(NodeLifecycle& o) : owner(o) {}
    awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;
    NodeLifecycle& owner;
  };
  // A pod that came to a node: not ready when the node is not.
  struct NewPods final : client::Reconciler {
    explicit NewPods(NodeLifecycle& o) : owner(o) {}
    awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;
    NodeLifecycle& owner;
  };

  awaitable<void> monitor();  // every node_monitor_period
  awaitable<void> taint();    // NoExecute, at the zones' rates
  awaitable<void> check_node(NodePtr node, std::map<std::string, ZoneCount>* counts);
  awaitable<void> plan_eviction(NodePtr node, std::string ready);
  awaitable<void> follow_up(NodePtr node, std::string before, NodeOutcome outcome);
  awaitable<void> handle_disruption(std::map<std::string, ZoneCount> counts);
  awaitable<void> clear_no_execute(NodePtr node, client::Cause cause);
  awaitable<bool> taint_node(std::string name);  // false: try again
  awaitable<Result<void>> mark_pods(std::map<std::string, PodPtr> pods, client::Cause cause);

  void fold_membership(const std::map<std::string, NodePtr>& nodes);
  // All that is remembered of one node, found at once: every node is looked at every few seconds.
  struct Watched {
    NodePtr node;
    std::shared_ptr<const api::Lease> lease;
    std::optional<NodeHealth> health;
    // Read from `read_from`, the node as it was then.
    NodePtr read_from;
    bool is_calm = false;     // Ready, without a NoExecute taint
    bool is_counted = false;  // in its zone
    std::string zone;
  };
  bool look_at(const api::Node& node) { return look_at(node, watched_[node.metadata.name]); }
  bool look_at(const api::Node& node, Watched& watched);
  bool is_settled(const NodePtr& node, Watched& watched);
  ZoneQueue& zone(const std::string& name);
  EvictionRates rates() const;

  ControllerContext context_;
  client::EventRecorder events_;
  client::WorkQueue node_queue_, pod_queue_;
  NoScheduleTaints no_schedule_;
  NewPods new_pods_;
  std::map<std::string, NodePtr> known_;  // as of the last pass
  std::unordered_map<std::string, Watched> watched_;
  std::set<std::string> unmarked_;  // nodes whose pods could not all be marked
  std::map<std::string, ZoneQueue> zones_;
  std::map<std::string, ZoneState> zone_states_;
  Signal zones_changed_;
};

}  // namespace kubeloop::controller_manager
