// The service account controller: every active namespace has a ServiceAccount `default`, made again when it is deleted.
// Source: Kubernetes' serviceaccounts controller.
#pragma once
#include "controller-manager/controller.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class DefaultServiceAccounts final : public Controller, private client::Reconciler {
 public:
  explicit DefaultServiceAccounts(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;

  ControllerContext context_;
  client::WorkQueue queue_;  // of namespaces
};

}  // namespace kubeloop::controller_manager
