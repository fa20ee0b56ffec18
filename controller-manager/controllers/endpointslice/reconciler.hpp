// The endpointslice controller: keeps the EndpointSlices of every service that has a selector as its pods are. Syncs
// that pods cause wait a moment, so that many changes of a service become one write. Slices that others manage are left
// alone. Source: Kubernetes' endpointslice controller; taking the slices away together with the selector, or with a
// service that is gone, is ours.
#pragma once
#include <map>
#include <set>
#include <string>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/endpointslice/plan.hpp"
#include "controller-manager/own_writes.hpp"
#include "controller-manager/trigger_times.hpp"
#include "libs/client/event_recorder.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class EndpointSlices final : public Controller, private client::Reconciler {
 public:
  explicit EndpointSlices(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;
  awaitable<Result<void>> carry_out(ServicePtr service, SlicePlan plan, std::optional<WallTime> trigger_time,
                                    client::Cause cause);
  awaitable<Result<void>> create(ServicePtr service, std::string body, client::Cause cause);
  awaitable<Result<void>> update(std::string service_key, SlicePtr slice, std::string patch, client::Cause cause);
  awaitable<Result<void>> remove(SlicePtr slice, client::Cause cause);
  awaitable<Result<void>> remove_all(std::string service_key, client::Cause cause);

  void fold_slice(const SlicePtr& before, const SlicePtr& after, std::uint64_t revision);
  // Ours, labelled with that service, not being deleted.
  std::vector<SlicePtr> slices_of(const std::string& service_key) const;
  void add_after_change(const std::string& service_key, std::uint64_t revision);

  ControllerContext context_;
  client::EventRecorder events_;
  client::WorkQueue queue_;  // of services
  TriggerTimes triggers_;
  OwnWrites own_writes_;
  std::map<std::string, std::size_t> sizes_;                       // of services: pods at the last sync
  std::set<std::string> waiting_;                                  // services that wait for the news of our own writes
  std::set<std::string> removed_;                                  // uids: deleted, and not yet told so
  std::map<std::string, std::map<std::string, SlicePtr>> slices_;  // by service, by key
};

}  // namespace kubeloop::controller_manager
