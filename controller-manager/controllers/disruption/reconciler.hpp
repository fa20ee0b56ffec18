// The disruption controller: keeps the status of every PodDisruptionBudget, which evictions take from, and resets a
// pod's DisruptionTarget when nothing came of it. Its writes hold for the revision it has seen only. Source:
// Kubernetes' disruption controller.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/disruption/budget_index.hpp"
#include "controller-manager/controllers/disruption/plan.hpp"
#include "controller-manager/discovery.hpp"
#include "libs/client/event_recorder.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class DisruptionController final : public Controller {
 public:
  explicit DisruptionController(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  using Outcome = Result<client::ReconcileResult>;
  using PodPtr = BudgetIndex::PodPtr;
  using BudgetPtr = std::shared_ptr<const api::PodDisruptionBudget>;

  struct BudgetSync final : client::Reconciler {
    explicit BudgetSync(DisruptionController& c) : controller(c) {}
    awaitable<Outcome> reconcile(std::string key, client::Cause cause) override {
      return controller.sync_budget(std::move(key), cause);
    }
    DisruptionController& controller;
  };
  struct StaleSync final : client::Reconciler {
    explicit StaleSync(DisruptionController& c) : controller(c) {}
    awaitable<Outcome> reconcile(std::string key, client::Cause cause) override {
      return controller.reset_stale(std::move(key), cause);
    }
    DisruptionController& controller;
  };
  // What is to be said about a budget in its events.
  struct Remark {
    std::string type, reason, message;
    auto operator<=>(const Remark&) const = default;
  };
  // A controller of pods, and one of these.
  struct Owner {
    api::OwnerReference reference;
    std::string pod;
  };
  // A controller of pods and how many it wants.
  struct Scale {
    std::string uid;
    std::int64_t replicas = 0;
  };

  void fold_pod(const PodPtr& before, const PodPtr& after, client::Cause cause);
  void fold_budget(const BudgetPtr& before, const BudgetPtr& after, client::Cause cause);
  awaitable<Outcome> sync_budget(std::string key, client::Cause cause);
  awaitable<Outcome> reset_stale(std::string key, client::Cause cause);
  // What the budget's pods' controllers want in all.
  awaitable<Result<std::int64_t>> total_scale(std::string namespace_, std::vector<Owner> owners, client::Cause cause);
  std::optional<Scale> replica_set_scale(const std::string& namespace_, const api::OwnerReference& reference) const;
  awaitable<Result<std::optional<Scale>>> served_scale(std::string namespace_, api::OwnerReference reference,
                                                       client::Cause cause);
  // The status of the budget from its pods; notes remarks and when to look again.
  std::optional<std::string> plan(const api::PodDisruptionBudget& budget, Result<std::int64_t> scale,
                                  std::set<Remark>& remarks, std::optional<Duration>& look_again, client::Cause cause);
  // Says what it has not said before of this budget in its present state.
  void tell(const api::PodDisruptionBudget& budget, std::set<Remark> remarks, client::Cause cause);

  ControllerContext context_;
  client::EventRecorder events_;
  client::WorkQueue budgets_, stale_;
  BudgetSync budget_sync_{*this};
  StaleSync stale_sync_{*this};
  BudgetIndex index_;
  std::map<std::string, std::set<Remark>> told_;  // by the budget's key
  ServedKinds kinds_;
  Instant asked_for_kinds_{};
};

}  // namespace kubeloop::controller_manager
