#include "controller-manager/controllers/endpoints/reconciler.hpp"

#include <fmt/core.h>

#include "controller-manager/namespace_state.hpp"
#include "controller-manager/object_removal.hpp"
#include "controller-manager/references.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr int kWorkers = 5;
constexpr Duration kLookAgain = std::chrono::seconds(1);
// Of Kubernetes' newer releases: the first retry after a second.
constexpr client::RetryDelays kRetry{std::chrono::seconds(1), std::chrono::seconds(1000)};

}  // namespace

ServiceEndpoints::ServiceEndpoints(ControllerContext context)
    : context_(std::move(context)),
      events_(context_.env.child("events"), context_.tasks, context_.client, "endpoint-controller", ""),
      queue_(context_.env.child("queue"), kRetry) {
  context_.informers.services.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    auto key = client::key_of(after ? *after : *before);
    if (!after) services_gone_.insert(key);
    queue_.add(key, revision);
  });
  context_.informers.pods.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    for (const auto& key : services_touched(context_.informers.services.objects(), before, after)) {
      auto size = sizes_.find(key);
      auto delay =
          batch_period(context_.options.endpoint_updates_batch_period, size == sizes_.end() ? 0 : size->second);
      queue_.add_after(key, delay, revision);
    }
  });
  context_.informers.endpoints.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    auto key = client::key_of(after ? *after : *before);
    // Deleted by somebody; left behind by a service that is gone; or the write that a sync waits for.
    bool is_left_behind = after && is_managed_endpoints(*after) && !context_.informers.services.find(key);
    bool is_seen = own_writes_.are_seen(key, context_.informers.endpoints.revision());
    bool is_awaited = is_seen && waiting_.erase(key) > 0;
    if (!after || is_left_behind || is_awaited) queue_.add(key, revision);
  });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> ServiceEndpoints::queues() const {
  return {{"endpoint", &queue_}};
}

awaitable<void> ServiceEndpoints::run() {
  co_await context_.informers.services.wait_until_synced();
  co_await context_.informers.pods.wait_until_synced();
  co_await context_.informers.endpoints.wait_until_synced();
  for (int i = 1; i < kWorkers; ++i)
    context_.tasks.spawn("endpoints", client::run_reconciler(context_.env, queue_, *this));
  co_await client::run_reconciler(context_.env, queue_, *this);
}

awaitable<Result<client::ReconcileResult>> ServiceEndpoints::reconcile(std::string name, client::Cause cause) {
  auto service = context_.informers.services.find(name);
  if (!service) {
    auto removed = co_await remove(name, cause);
    if (!removed) co_return failure(std::move(removed.error()));
    co_return client::ReconcileResult();
  }
  services_gone_.erase(name);
  waiting_.erase(name);
  if (!has_endpoints(*service)) co_return client::ReconcileResult();
  if (!own_writes_.are_seen(name, context_.informers.endpoints.revision())) {
    waiting_.insert(name);
    client::ReconcileResult later;
    later.requeue_after = kLookAgain;
    co_return later;
  }
  auto pods = pods_of(*service, context_.informers.pods.objects());
  sizes_[name] = pods.size();
  auto trigger_time = triggers_.observe(*service, pods);
  auto current = context_.informers.endpoints.find(name);
  auto planned = plan_endpoints(*service, pods, current.get(), trigger_time);
  if (!planned) co_return client::ReconcileResult();
  auto written = co_await write(service, current, std::move(*planned), cause);
  if (!written) co_return failure(std::move(written.error()));
  co_return client::ReconcileResult();
}

awaitable<Result<void>> ServiceEndpoints::write(ServicePtr service, EndpointsPtr current, EndpointsWrite write,
                                                client::Cause cause) {
  const auto& metadata = service->metadata;
  Result<std::string> written;
  if (write.is_new) {
    written = co_await context_.client.create(api::kEndpoints, metadata.namespace_, std::move(write.body), cause);
  } else {
    written = co_await context_.client.patch(api::kEndpoints, metadata.namespace_, metadata.name,
                                             client::PatchType::kMerge, std::move(write.body), cause);
  }
  if (written) {
    own_writes_.note(client::key_of(*service), *written);
    co_return Result<void>();
  }
  if (write.is_new && is_namespace_terminating(written.error())) co_return Result<void>();
  tell_failure(*service, current, written.error(), cause);
  co_return failure(std::move(written.error()));
}

void ServiceEndpoints::tell_failure(const api::Service& service, const EndpointsPtr& current, const Status& status,
                                    client::Cause cause) {
  auto key = client::key_of(service);
  auto metadata = current ? current->metadata : api::ObjectMeta();
  metadata.namespace_ = service.metadata.namespace_;
  metadata.name = service.metadata.name;
  auto about = reference_to(api::kEndpoints, metadata);
  if (current) {
    events_.event(about, "Warning", "FailedToUpdateEndpoint",
                  fmt::format("Failed to update endpoint {}: {}", key, status.message), cause);
  } else {
    events_.event(about, "Warning", "FailedToCreateEndpoint",
                  fmt::format("Failed to create endpoint for service {}: {}", key, status.message), cause);
  }
}

awaitable<Result<void>> ServiceEndpoints::remove(std::string key, client::Cause cause) {
  triggers_.forget(key);
  sizes_.erase(key);
  own_writes_.forget(key);
  waiting_.erase(key);
  auto endpoints = context_.informers.endpoints.find(key);
  bool is_to_go = services_gone_.erase(key) > 0;
  if (!endpoints || (!is_to_go && !is_managed_endpoints(*endpoints))) co_return Result<void>();
  auto removed = co_await remove_object(context_.client, api::kEndpoints, endpoints->metadata, cause);
  if (!removed && is_to_go) services_gone_.insert(key);
  co_return removed;
}

}  // namespace kubeloop::controller_manager
