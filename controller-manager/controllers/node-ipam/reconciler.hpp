// The node IPAM controller: gives each node a range of pod addresses and takes it back when the node is gone. What
// nodes have is marked as taken before the first range is given, so a restart never gives one twice. Source: the range
// allocator of Kubernetes.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/node-ipam/plan.hpp"
#include "libs/client/event_recorder.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class NodeIpam final : public Controller, private client::Reconciler {
 public:
  explicit NodeIpam(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  void fold_node(const std::shared_ptr<const api::Node>& before, const std::shared_ptr<const api::Node>& after,
                 client::Cause cause);
  void release_reserved(const std::string& node);
  awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;

  ControllerContext context_;
  client::EventRecorder events_;
  client::WorkQueue queue_;
  std::optional<CidrPool> pool_;             // none: the options are wrong, and that was logged
  std::map<std::string, Network> reserved_;  // by node: given, but not seen on the node yet
  std::map<std::string, int> failures_;
};

}  // namespace kubeloop::controller_manager
