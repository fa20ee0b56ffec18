// The endpoints controller: keeps the Endpoints object of every service that has a selector. Syncs that pods cause wait
// a moment, so that many changes of a service become one write. An Endpoints object that others made is left alone, as
// long as its service has no selector and is there. Source: Kubernetes' endpoints controller.
#pragma once
#include <map>
#include <set>
#include <string>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/endpoints/plan.hpp"
#include "controller-manager/own_writes.hpp"
#include "controller-manager/trigger_times.hpp"
#include "libs/client/event_recorder.hpp"
#include "libs/client/reconciler.hpp"

namespace kubeloop::controller_manager {

class ServiceEndpoints final : public Controller, private client::Reconciler {
 public:
  explicit ServiceEndpoints(ControllerContext context);

  awaitable<void> run() override;
  std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const override;

 private:
  using EndpointsPtr = std::shared_ptr<const api::Endpoints>;

  awaitable<Result<client::ReconcileResult>> reconcile(std::string name, client::Cause cause) override;
  awaitable<Result<void>> write(ServicePtr service, EndpointsPtr current, EndpointsWrite write, client::Cause cause);
  awaitable<Result<void>> remove(std::string key, client::Cause cause);
  void tell_failure(const api::Service& service, const EndpointsPtr& current, const Status& status,
                    client::Cause cause);

  ControllerContext context_;
  client::EventRecorder events_;
  client::WorkQueue queue_;  // of services
  TriggerTimes triggers_;
  OwnWrites own_writes_;
  std::map<std::string, std::size_t> sizes_;  // of services: pods at the last sync
  std::set<std::string> waiting_;             // services that wait for the news of our own writes
  std::set<std::string> services_gone_;       // seen going: their Endpoints go with them, whoever made them
};

}  // namespace kubeloop::controller_manager
