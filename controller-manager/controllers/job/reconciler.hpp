// The job controller: runs pods until enough have succeeded or too many have failed. Ended pods are counted exactly
// once, also over restarts: each has a finalizer that goes only when its uid is in the job's status. Syncs that pods
// cause wait a second, so that many of them become one. Source: Kubernetes' job controller.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/job/plan.hpp"
#include "controller-manager/controllers/job/tracking.hpp"
#include "controller-manager/own_writes.hpp"
#include "libs/client/event_recorder.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class Jobs final : public Controller, private client::Reconciler {
 public:
  explicit Jobs(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  using PodPtr = OwnedPods::Ptr;
  using SyncResult = Result<client::ReconcileResult>;

  // Pods that no job will account for: their finalizer goes.
  struct OrphanReconciler final : client::Reconciler {
    explicit OrphanReconciler(Jobs& j) : jobs(j) {}
    awaitable<SyncResult> reconcile(std::string name, client::Cause cause) override {
      return jobs.reconcile_orphan(std::move(name), cause);
    }
    Jobs& jobs;
  };
  // What several writes of one turn came to.
  struct Outcome : OrderOutcome {
    std::optional<Status> first_failure;
    bool is_refused = false;  // a creation failed: no further batch
  };

  void fold_job(const JobPtr& before, const JobPtr& after, client::Cause cause);
  void fold_pod(const PodPtr& before, const PodPtr& after, client::Cause cause);
  void fold_orphan(const PodPtr& before, const PodPtr& after, client::Cause cause);
  void forget(const api::Job& job);
  // The job that the pod's controller reference names, or null.
  JobPtr job_of(const api::Pod& pod) const;

  awaitable<SyncResult> reconcile(std::string name, client::Cause cause) override;
  awaitable<SyncResult> reconcile_orphan(std::string name, client::Cause cause);
  // Adopts and releases; what is left are the job's pods.
  awaitable<Result<JobPods>> claim(JobPtr job, client::Cause cause);
  awaitable<Result<void>> adopt_pods(JobPtr job, std::set<std::string> keys, client::Cause cause);
  awaitable<Result<void>> release_pod(PodPtr pod, std::string job_uid, client::Cause cause);

  awaitable<void> carry_out(std::shared_ptr<const Assessment> assessment, PodOrders orders,
                            std::shared_ptr<Outcome> outcome, client::Cause cause);
  awaitable<void> create_pod(std::shared_ptr<const Assessment> assessment, std::optional<std::int64_t> index,
                             std::shared_ptr<Outcome> outcome, client::Cause cause);
  awaitable<void> delete_pod(JobPtr job, PodPtr pod, bool frees_it, std::shared_ptr<Outcome> outcome,
                             client::Cause cause);
  // The two writes of the status, and the finalizers between them.
  awaitable<Result<void>> track(std::shared_ptr<const Assessment> assessment, Tracking tracking, PodBackoff backoff,
                                client::Cause cause);
  awaitable<Result<std::string>> write_status(JobPtr job, api::JobStatus status, std::string resource_version,
                                              client::Cause cause);
  // Takes the finalizer off the pod. It being gone is success.
  awaitable<Result<void>> free_pod(PodPtr pod, client::Cause cause);
  awaitable<void> free_one(PodPtr pod, std::set<std::string>* tracked, std::optional<Status>* first_failure,
                           client::Cause cause);
  void tell_suspension(const api::Job& job, const Tracking& tracking, client::Cause cause);
  void tell_end(const api::Job& job, const Tracking& tracking, client::Cause cause);

  ControllerContext context_;
  client::EventRecorder events_;
  client::WorkQueue queue_;    // of jobs
  client::WorkQueue orphans_;  // of pods
  OrphanReconciler orphan_reconciler_;
  OwnWrites job_writes_, pod_writes_;                       // by the job's uid
  std::map<std::string, PodBackoff> backoffs_;              // by the job's uid
  std::map<std::string, std::set<std::string>> adoptable_;  // by the job's uid: pods that it may want
  std::set<std::string> freed_;                             // uids of pods whose finalizer went, untold yet
};

}  // namespace kubeloop::controller_manager
