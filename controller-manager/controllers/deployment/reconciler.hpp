// The deployment controller: brings a deployment's ReplicaSets step by step to its present template and size. Each turn
// plans one step from what the informers show, once they show the controller's own last writes. Source: Kubernetes'
// deployment controller.
#pragma once
#include <map>
#include <string>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/deployment/plan.hpp"
#include "controller-manager/own_writes.hpp"
#include "libs/client/event_recorder.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class Deployments final : public Controller, private client::Reconciler {
 public:
  explicit Deployments(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  using Ptr = client::Informer<api::Deployment>::Ptr;
  using SetPtr = client::Informer<api::ReplicaSet>::Ptr;

  void fold_deployment(const Ptr& before, const Ptr& after, client::Cause cause);
  void fold_set(const SetPtr& before, const SetPtr& after, client::Cause cause);
  void fold_pod(const OwnedPods::Ptr& before, const OwnedPods::Ptr& after, client::Cause cause);
  void enqueue_owner(const api::ObjectMeta& set, client::Cause cause);
  const std::string& canonical(const std::string& uid, const std::string& template_text);
  std::vector<SetState> states_of(const api::Deployment& deployment);

  awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;
  // Adopts and releases sets; true when it wrote anything.
  awaitable<Result<bool>> claim(Ptr deployment, client::Cause cause);
  awaitable<Result<void>> refuse_empty_selector(Ptr deployment, client::Cause cause);
  // Writes what is planned of the sets; false when the turn must end there.
  awaitable<Result<bool>> move_sets(Ptr deployment, std::shared_ptr<const DeploymentPlan> plan, client::Cause cause);
  awaitable<Result<bool>> create_set(Ptr deployment, std::shared_ptr<const DeploymentPlan> plan, client::Cause cause);
  // The name is taken: by our own set, or by another's, and then the next name is tried.
  awaitable<Result<void>> resolve_collision(Ptr deployment, std::string name, client::Cause cause);
  awaitable<Result<void>> write_status(Ptr deployment, api::DeploymentStatus status, std::string revision,
                                       client::Cause cause);
  void tell_scaled(const api::Deployment& deployment, const std::string& set, std::int64_t from, std::int64_t to,
                   client::Cause cause);
  void note_set_write(const api::Deployment& deployment, const std::string& answer);

  ControllerContext context_;
  client::EventRecorder events_;
  client::WorkQueue queue_;
  OwnWrites set_writes_, status_writes_;  // by the deployment's uid
  struct Template {
    std::string text, canonical;
  };
  std::map<std::string, Template> templates_;  // by the uid of the deployment or set that it stands in
};

}  // namespace kubeloop::controller_manager
