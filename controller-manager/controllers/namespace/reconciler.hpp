// The namespace controller: takes everything out of a namespace that is being deleted, pods first, tells in its status
// what is left, and releases it when it is empty. Works for every kind that discovery names. Source: Kubernetes'
// namespace controller.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/namespace/plan.hpp"
#include "controller-manager/discovery.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class NamespaceDeletion final : public Controller, private client::Reconciler {
 public:
  explicit NamespaceDeletion(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;
  // One round over one namespace: seconds until the rest should be gone, 0 when the namespace needs nothing more.
  awaitable<Result<std::int64_t>> remove_namespace(std::string name, client::Cause cause);
  // Tells every kind's objects to go; while pods are left, only them.
  awaitable<ContentRemoval> remove_content(api::Namespace namespace_, client::Cause cause);
  awaitable<KindRemoval> remove_kind(ServedKind kind, std::string namespace_, std::int64_t estimate_seconds,
                                     client::Cause cause);
  // One DELETE for each object: for kinds that cannot be deleted as a collection.
  awaitable<Result<void>> remove_each(ServedKind kind, std::string namespace_, client::Cause cause);
  awaitable<Result<std::vector<api::ObjectMeta>>> list(ServedKind kind, std::string namespace_);
  awaitable<Result<void>> finalize(std::string name, std::string uid, client::Cause cause);
  std::int64_t estimate_pods(const api::Namespace& namespace_) const;

  ControllerContext context_;
  client::WorkQueue queue_;
  std::map<std::string, int> failures_;  // in a row, by namespace
};

}  // namespace kubeloop::controller_manager
