// Deletes finished jobs, and through them their pods, when their time to live has passed. Source: Kubernetes'
// ttlafterfinished controller.
#pragma once
#include <string>

#include "controller-manager/controller.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class TtlAfterFinished final : public Controller, private client::Reconciler {
 public:
  explicit TtlAfterFinished(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;

  ControllerContext context_;
  client::WorkQueue queue_;  // of jobs
};

}  // namespace kubeloop::controller_manager
