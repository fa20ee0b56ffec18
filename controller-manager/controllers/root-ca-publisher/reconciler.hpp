// The root CA publisher: every active namespace has a ConfigMap kube-root-ca.crt with the authority that pods check the
// API server's certificate with; made again when it is deleted or changed. Source: Kubernetes' root CA certificate
// publisher.
#pragma once
#include "controller-manager/controller.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class RootCaPublisher final : public Controller, private client::Reconciler {
 public:
  explicit RootCaPublisher(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;

  ControllerContext context_;
  client::WorkQueue queue_;  // of namespaces
};

}  // namespace kubeloop::controller_manager
