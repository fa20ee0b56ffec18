// The ReplicaSet controller: keeps as many pods of a template as the set says, adopts matching pods without a
// controller and lets go of those that match no more. Never makes too many when its watch is late (expectations).
// Source: Kubernetes' replica_set controller.
#pragma once
#include <map>
#include <set>
#include <string>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/replicaset/pod_tally.hpp"
#include "controller-manager/expectations.hpp"
#include "controller-manager/own_writes.hpp"
#include "libs/client/event_recorder.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class ReplicaSets final : public Controller, private client::Reconciler {
 public:
  explicit ReplicaSets(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  using SetPtr = client::Informer<api::ReplicaSet>::Ptr;
  using PodPtr = OwnedPods::Ptr;

  // What several writes of one turn came to.
  struct Outcome {
    std::int64_t failures = 0;
    std::optional<Status> first_failure;
  };
  struct Known {
    std::string key;
    PodTally tally;
  };

  void fold_set(const SetPtr& before, const SetPtr& after, client::Cause cause);
  void fold_pod(const PodPtr& before, const PodPtr& after, client::Cause cause);
  void fold_owned(const api::OwnerReference& owner, const PodPtr& before, const PodPtr& after, client::Cause cause);
  void fold_orphan(const PodPtr& before, const PodPtr& after, client::Cause cause);
  void forget(const api::ReplicaSet& set);
  // Null when the selector is malformed.
  PodTally* tally_of(const api::ReplicaSet& set);

  awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;
  // Adopts and releases what the tally says.
  awaitable<Result<void>> claim(SetPtr set, client::Cause cause);
  // Makes or deletes pods, as far as it may in one turn.
  awaitable<Result<void>> manage(SetPtr set, std::int64_t active, client::Cause cause);
  awaitable<Result<void>> create_pods(SetPtr set, std::int64_t count, client::Cause cause);
  awaitable<void> create_pod(SetPtr set, std::shared_ptr<const std::string> body, std::shared_ptr<Outcome> outcome,
                             client::Cause cause);
  awaitable<Result<void>> delete_pods(SetPtr set, std::size_t count, client::Cause cause);
  awaitable<void> delete_pod(SetPtr set, PodPtr pod, std::shared_ptr<Outcome> outcome, client::Cause cause);
  std::map<std::string, std::int64_t> neighbours_of(const api::ReplicaSet& set) const;
  awaitable<Result<void>> write_status(SetPtr set, ReplicaCounts counts, std::optional<Status> trouble,
                                       client::Cause cause);
  client::ReconcileResult come_back(const std::string& uid) const;

  ControllerContext context_;
  client::EventRecorder events_;
  client::WorkQueue queue_;
  Expectations expectations_;                                  // by uid
  OwnWrites status_writes_;                                    // by uid
  std::map<std::string, Known> known_;                         // by uid
  std::map<std::string, std::set<std::string>> by_namespace_;  // uids of what is known
};

}  // namespace kubeloop::controller_manager
