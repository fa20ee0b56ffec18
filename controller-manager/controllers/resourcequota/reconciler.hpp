// The resource quota controller: keeps the status of every ResourceQuota, from which the hub decides what may still be
// created. The hub charges what is created; this one gives back what has gone, takes over a new spec, and recounts
// every five minutes. Source: Kubernetes' resource quota controller.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/resourcequota/plan.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class ResourceQuotas final : public Controller, private client::Reconciler {
 public:
  explicit ResourceQuotas(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  using QuotaPtr = std::shared_ptr<const api::ResourceQuota>;
  using Objects = client::Informer<api::AnyObject>;
  // Since when a quota stands at a revision.
  struct Seen {
    std::string revision;
    Instant at{};
  };

  awaitable<Result<client::ReconcileResult>> reconcile(std::string key, client::Cause cause) override;
  awaitable<void> recount_now_and_then();

  using ItemMaker = std::function<api::QuotaItem()>;

  // One object came, changed or went (no maker): counts it in the quotas of its namespace. False when there are none.
  bool fold(const std::string& resource, const api::ObjectMeta& metadata, const ItemMaker& make_item);
  void fold_quota(const QuotaPtr& before, const QuotaPtr& after, client::Cause cause);
  // Counts for a quota from the beginning, and watches the kinds that it limits.
  void count(const std::string& key, const api::ResourceQuota& quota);
  void watch_kind(const std::string& resource);
  bool is_watching(const api::ResourceQuota& quota) const;
  // What the namespace uses has changed: its quotas are looked at, a moment later.
  void look_at(const std::string& namespace_, client::Cause cause);

  ControllerContext context_;
  client::WorkQueue queue_;  // of quotas
  client::Informer<api::ResourceQuota> quotas_;
  QuotaLedger ledger_;
  std::map<std::string, std::unique_ptr<Objects>> kinds_;  // by "deployments.apps"; null: no such kind
  std::map<std::string, Seen> seen_;
};

}  // namespace kubeloop::controller_manager
