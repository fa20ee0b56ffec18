// The taint eviction controller: deletes pods whose node has a NoExecute taint that they do not tolerate, or no longer.
// Ignores disruption budgets. A restart counts the tolerated time anew, as Kubernetes does. Source: Kubernetes' taint
// eviction controller.
#pragma once
#include <map>
#include <string>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/taint-eviction/plan.hpp"
#include "libs/client/event_recorder.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class TaintEviction final : public Controller, private client::Reconciler {
 public:
  explicit TaintEviction(ControllerContext context);
  ~TaintEviction() override;

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  using PodPtr = PodIndex::Ptr;

  struct Eviction {
    PodPtr pod;            // as it was when it was planned
    TimerId timer = 0;     // 0: its time has come
    bool is_told = false;  // the event was written
    bool is_done = false;  // kept until the pod is gone, so that it is not planned again
  };

  void fold_pod(const PodPtr& before, const PodPtr& after, client::Cause cause);
  void plan(const std::string& key, const PodPtr& pod, const std::vector<api::Taint>& taints, client::Cause cause);
  void schedule(const std::string& key, const PodPtr& pod, Duration after, client::Cause cause);
  // Drops what was planned; tells it in an event when it was still to come.
  void cancel(const std::string& key, client::Cause cause);
  // Evicts one pod whose time has come.
  awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;

  ControllerContext context_;
  client::EventRecorder events_;
  client::WorkQueue due_;
  std::map<std::string, Eviction> evictions_;
};

}  // namespace kubeloop::controller_manager
