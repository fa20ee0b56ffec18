// The garbage collector: deletes objects whose owners are all gone, keeps one that is deleted in the foreground until
// its blocking dependents are gone, and lets the dependents of one that is orphaned go. Every decision is checked
// against the hub; the graph only says where to look. Source: Kubernetes' garbage collector.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/garbage-collector/graph.hpp"
#include "controller-manager/controllers/garbage-collector/monitors.hpp"
#include "controller-manager/controllers/garbage-collector/plan.hpp"
#include "libs/base/signal.hpp"
#include "libs/client/event_recorder.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class GarbageCollector final : public Controller {
 public:
  explicit GarbageCollector(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  using Outcome = Result<client::ReconcileResult>;

  struct Deleter final : client::Reconciler {
    explicit Deleter(GarbageCollector& c) : collector(c) {}
    awaitable<Outcome> reconcile(std::string uid, client::Cause cause) override {
      return collector.attempt_to_delete(std::move(uid), cause);
    }
    GarbageCollector& collector;
  };
  struct Orphaner final : client::Reconciler {
    explicit Orphaner(GarbageCollector& c) : collector(c) {}
    awaitable<Outcome> reconcile(std::string uid, client::Cause cause) override {
      return collector.attempt_to_orphan(std::move(uid), cause);
    }
    GarbageCollector& collector;
  };

  // The dependents of one owner that is orphaned: they are let go in parallel, and counted.
  struct OrphanJob {
    std::string owner_uid;
    client::Cause cause;
    std::size_t open = 0;
    std::optional<Status> error;  // the first one
    Signal done;
  };
  struct Release {
    std::shared_ptr<OrphanJob> job;
    ObjectIdentity dependent;
  };

  void fold(std::string_view api_version, std::string_view kind, const api::ObjectMeta* before,
            const api::ObjectMeta* after, std::uint64_t revision);
  void take_on(const GraphWork& work, client::Cause cause);
  void report(const GraphWork::InvalidOwner& invalid, client::Cause cause);

  awaitable<bool> rediscover();
  awaitable<void> rediscover_forever();
  awaitable<void> wait_until_fed();

  awaitable<Outcome> attempt_to_delete(std::string uid, client::Cause cause);
  awaitable<Outcome> attempt_to_orphan(std::string uid, client::Cause cause);
  // The object waits for its blocking dependents: sends them on, or lets it go when there are none.
  awaitable<Result<void>> continue_foreground(ObjectIdentity identity, client::Cause cause);
  awaitable<Result<void>> collect(ObjectIdentity identity, ServedKind kind, api::ObjectMeta live, client::Cause cause);
  awaitable<Result<void>> remove(ObjectIdentity identity, ServedKind kind, api::ObjectMeta live, std::string policy,
                                 client::Cause cause);
  // Nothing: the reference can never be resolved.
  awaitable<Result<std::optional<OwnerState>>> look_at_owner(api::OwnerReference reference, ObjectIdentity dependent,
                                                             client::Cause cause);
  awaitable<void> release_dependents();
  awaitable<Result<void>> release(ObjectIdentity dependent, std::vector<std::string> owner_uids, client::Cause cause);
  awaitable<Result<void>> patch_references(ObjectIdentity identity, ServedKind kind, ReferencePatch patch,
                                           client::Cause cause);
  awaitable<Result<void>> remove_finalizer(ObjectIdentity identity, std::string finalizer, client::Cause cause);

  // The object's metadata as the hub has it; nothing when it does not exist or is another one.
  awaitable<Result<std::optional<api::ObjectMeta>>> look(ServedKind kind, ObjectIdentity identity, client::Cause cause);
  Result<ServedKind> kind_of(const std::string& api_version, const std::string& kind) const;

  ControllerContext context_;
  client::EventRecorder events_;
  client::WorkQueue to_delete_, to_orphan_;  // of uids
  Deleter deleter_{*this};
  Orphaner orphaner_{*this};
  Graph graph_;
  ServedKinds kinds_;
  std::deque<Release> releases_;
  Signal releases_filled_;
  Monitors monitors_;  // tells the graph
};

}  // namespace kubeloop::controller_manager
