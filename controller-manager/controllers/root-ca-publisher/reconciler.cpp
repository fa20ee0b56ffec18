#include "controller-manager/controllers/root-ca-publisher/reconciler.hpp"

#include "controller-manager/controllers/root-ca-publisher/plan.hpp"
#include "controller-manager/namespace_state.hpp"

namespace kubeloop::controller_manager {

RootCaPublisher::RootCaPublisher(ControllerContext context)
    : context_(std::move(context)), queue_(context_.env.child("queue")) {
  context_.informers.namespaces.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    if (after) queue_.add(after->metadata.name, revision);
  });
  context_.informers.root_ca_maps.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    queue_.add((after ? after : before)->metadata.namespace_, revision);
  });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> RootCaPublisher::queues() const {
  return {{"root_ca_cert_publisher", &queue_}};
}

awaitable<void> RootCaPublisher::run() {
  co_await context_.informers.namespaces.wait_until_synced();
  co_await context_.informers.root_ca_maps.wait_until_synced();
  co_await client::run_reconciler(context_.env, queue_, *this);
}

awaitable<Result<client::ReconcileResult>> RootCaPublisher::reconcile(std::string name, client::Cause cause) {
  auto namespace_ = context_.informers.namespaces.find(name);
  if (!is_active(namespace_.get())) co_return client::ReconcileResult();
  auto current = context_.informers.root_ca_maps.find(name + "/" + kRootCaMap);
  auto write = plan_root_ca(current.get(), context_.options.root_ca_pem);
  if (!write) co_return client::ReconcileResult();
  Result<std::string> written;
  if (write->is_new) {
    written = co_await context_.client.create(api::kConfigMaps, name, std::move(write->body), cause);
  } else {
    written = co_await context_.client.patch(api::kConfigMaps, name, kRootCaMap, client::PatchType::kMerge,
                                             std::move(write->body), cause);
  }
  // 404: the namespace has gone, or the map has and its own news brings us back.
  if (written || written.error().reason == "AlreadyExists" || written.error().code == 404)
    co_return client::ReconcileResult();
  if (is_namespace_terminating(written.error())) co_return client::ReconcileResult();
  co_return failure(std::move(written.error()));
}

}  // namespace kubeloop::controller_manager
