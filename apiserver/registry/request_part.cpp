#include "apiserver/registry/request_part.hpp"

namespace kubeloop::apiserver {

RequestPart::RequestPart(RequestPtr whole, const char* verb, const Endpoint& endpoint, std::string name,
                         const char* subresource)
    : whole_(std::move(whole)), part_(std::make_shared<RequestContext>(*whole_)), costs_before_(part_->named_costs) {
  part_->in_flight = nullptr;
  part_->info.verb = verb;
  part_->info.group = endpoint.kind->group;
  part_->info.resource = endpoint.kind->plural;
  part_->info.name = std::move(name);
  part_->info.subresource = subresource;
}

void RequestPart::finish() {
  whole_->named_costs += part_->named_costs - costs_before_;
}

awaitable<Result<Updated>> update_status_within(HubPtr hub, RequestPtr whole, std::shared_ptr<UpdateCall> call) {
  call->subresource = "status";
  RequestPart part(whole, "update", call->endpoint, call->name, "status");
  auto updated = co_await run_update(hub, part.request(), call);
  part.finish();
  co_return updated;
}

}  // namespace kubeloop::apiserver
