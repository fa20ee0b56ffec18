#include "controller-manager/controllers/endpointslice/reconciler.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "controller-manager/controllers/endpointslice/slice_body.hpp"
#include "controller-manager/controllers/endpointslice/slice_labels.hpp"
#include "controller-manager/namespace_state.hpp"
#include "controller-manager/object_removal.hpp"
#include "controller-manager/references.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr int kWorkers = 5;
// Changes of slices that are not ours to explain are looked into after that long. Source: endpointSliceChangeMinSync-
// Delay of Kubernetes' controller.
constexpr Duration kSliceChangeDelay = std::chrono::seconds(1);
constexpr client::RetryDelays kRetry{std::chrono::seconds(1), std::chrono::seconds(1000)};

Status failed(const char* verb, const std::string& slice, const api::ObjectMeta& service, Status status) {
  status.message = fmt::format("failed to {} {}EndpointSlice for Service {}/{}: {}", verb, slice, service.namespace_,
                               service.name, status.message);
  return status;
}

}  // namespace

EndpointSlices::EndpointSlices(ControllerContext context)
    : context_(std::move(context)),
      events_(context_.env.child("events"), context_.tasks, context_.client, "endpoint-slice-controller", ""),
      queue_(context_.env.child("queue"), kRetry) {
  context_.informers.services.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    queue_.add(client::key_of(after ? *after : *before), revision);
  });
  context_.informers.pods.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    bool is_going = !after || !after->metadata.deletionTimestamp.empty();
    if (is_going && is_planted("endpoint-slices-ignore-removal")) return;
    for (const auto& key : services_touched(context_.informers.services.objects(), before, after)) {
      auto size = sizes_.find(key);
      auto delay =
          batch_period(context_.options.endpointslice_updates_batch_period, size == sizes_.end() ? 0 : size->second);
      queue_.add_after(key, delay, revision);
    }
  });
  context_.informers.endpoint_slices.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_slice(before, after, revision); });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> EndpointSlices::queues() const {
  return {{"endpoint_slice", &queue_}};
}

awaitable<void> EndpointSlices::run() {
  co_await context_.informers.services.wait_until_synced();
  co_await context_.informers.pods.wait_until_synced();
  co_await context_.informers.nodes.wait_until_synced();
  co_await context_.informers.endpoint_slices.wait_until_synced();
  for (int i = 1; i < kWorkers; ++i)
    context_.tasks.spawn("endpoint slices", client::run_reconciler(context_.env, queue_, *this));
  co_await client::run_reconciler(context_.env, queue_, *this);
}

void EndpointSlices::fold_slice(const SlicePtr& before, const SlicePtr& after, std::uint64_t revision) {
  std::string then = before ? service_key_of(*before) : "";
  std::string now = after ? service_key_of(*after) : "";
  if (!then.empty() && then != now) {
    auto it = slices_.find(then);
    if (it != slices_.end()) it->second.erase(client::key_of(*before));
    if (it != slices_.end() && it->second.empty()) slices_.erase(it);
  }
  if (!now.empty()) slices_[now][client::key_of(*after)] = after;
  bool is_own_removal = !after && removed_.erase(before->metadata.uid) > 0;
  bool is_managed = (before && is_managed_slice(*before)) || (after && is_managed_slice(*after));
  if (!is_managed || is_own_removal) return;
  if (!then.empty() && then != now) add_after_change(then, revision);
  if (!now.empty()) add_after_change(now, revision);
}

void EndpointSlices::add_after_change(const std::string& service_key, std::uint64_t revision) {
  bool is_seen = own_writes_.are_seen(service_key, context_.informers.endpoint_slices.revision());
  if (is_seen && waiting_.erase(service_key) > 0) return queue_.add(service_key, revision);
  // Up to our own last write it is what we wrote.
  if (!own_writes_.are_seen(service_key, revision - 1)) return;
  auto delay = std::max(kSliceChangeDelay, context_.options.endpointslice_updates_batch_period);
  queue_.add_after(service_key, delay, revision);
}

std::vector<SlicePtr> EndpointSlices::slices_of(const std::string& service_key) const {
  std::vector<SlicePtr> result;
  auto it = slices_.find(service_key);
  if (it == slices_.end()) return result;
  for (const auto& [key, slice] : it->second) {
    bool is_going = !slice->metadata.deletionTimestamp.empty() || removed_.contains(slice->metadata.uid);
    if (is_managed_slice(*slice) && !is_going) result.push_back(slice);
  }
  return result;
}

awaitable<Result<client::ReconcileResult>> EndpointSlices::reconcile(std::string name, client::Cause cause) {
  if (!own_writes_.are_seen(name, context_.informers.endpoint_slices.revision())) {
    waiting_.insert(name);
    client::ReconcileResult later;
    later.requeue_after = kSliceChangeDelay;
    co_return later;
  }
  waiting_.erase(name);
  auto service = context_.informers.services.find(name);
  if (!service || !has_endpoints(*service)) {
    triggers_.forget(name);
    sizes_.erase(name);
    if (!service) own_writes_.forget(name);
    auto removed = co_await remove_all(name, cause);
    if (!removed) co_return failure(std::move(removed.error()));
    co_return client::ReconcileResult();
  }
  auto pods = pods_of(*service, context_.informers.pods.objects());
  sizes_[name] = pods.size();
  auto slices = slices_of(name);
  SliceInput input{*service, pods, slices, context_.informers.nodes.objects(),
                   static_cast<std::size_t>(context_.options.max_endpoints_per_slice)};
  auto plan = plan_slices(input);
  auto trigger_time = triggers_.observe(*service, pods);
  auto done = co_await carry_out(service, std::move(plan), trigger_time, cause);
  if (!done) {
    events_.event(reference_to(api::kServices, service->metadata), "Warning", "FailedToUpdateEndpointSlices",
                  fmt::format("Error updating Endpoint Slices for Service {}: {}", name, done.error().message), cause);
    co_return failure(std::move(done.error()));
  }
  co_return client::ReconcileResult();
}

awaitable<Result<void>> EndpointSlices::carry_out(ServicePtr service, SlicePlan plan,
                                                  std::optional<WallTime> trigger_time, client::Cause cause) {
  auto key = client::key_of(*service);
  for (const auto& change : plan.creates) {
    auto body = new_slice_body(*service, change.after, trigger_time);
    auto created = co_await create(service, std::move(body), cause);
    if (!created && is_namespace_terminating(created.error())) co_return Result<void>();
    if (!created) co_return failure(failed("create", "", service->metadata, std::move(created.error())));
  }
  for (const auto& change : plan.updates) {
    auto patch = slice_patch(change, trigger_time);
    auto updated = co_await update(key, change.before, std::move(patch), cause);
    const auto& name = change.before->metadata.name;
    if (!updated) co_return failure(failed("update", name + " ", service->metadata, std::move(updated.error())));
  }
  for (const auto& slice : plan.removes) {
    auto removed = co_await remove(slice, cause);
    const auto& name = slice->metadata.name;
    if (!removed) co_return failure(failed("delete", name + " ", service->metadata, std::move(removed.error())));
  }
  if (plan.problems.size() == 1) co_return failure(500, "InternalError", plan.problems.front());
  if (!plan.problems.empty())
    co_return failure(500, "InternalError", fmt::format("[{}]", fmt::join(plan.problems, ", ")));
  co_return Result<void>();
}

awaitable<Result<void>> EndpointSlices::create(ServicePtr service, std::string body, client::Cause cause) {
  auto created =
      co_await context_.client.create(api::kEndpointSlices, service->metadata.namespace_, std::move(body), cause);
  if (!created) co_return failure(std::move(created.error()));
  own_writes_.note(client::key_of(*service), *created);
  co_return Result<void>();
}

awaitable<Result<void>> EndpointSlices::update(std::string service_key, SlicePtr slice, std::string patch,
                                               client::Cause cause) {
  auto updated = co_await context_.client.patch(api::kEndpointSlices, slice->metadata.namespace_, slice->metadata.name,
                                                client::PatchType::kMerge, std::move(patch), cause);
  if (!updated) co_return failure(std::move(updated.error()));
  own_writes_.note(service_key, *updated);
  co_return Result<void>();
}

awaitable<Result<void>> EndpointSlices::remove(SlicePtr slice, client::Cause cause) {
  auto removed = co_await remove_object(context_.client, api::kEndpointSlices, slice->metadata, cause);
  if (!removed) co_return removed;
  auto known = context_.informers.endpoint_slices.find(client::key_of(*slice));
  if (known && known->metadata.uid == slice->metadata.uid) removed_.insert(slice->metadata.uid);
  co_return Result<void>();
}

awaitable<Result<void>> EndpointSlices::remove_all(std::string service_key, client::Cause cause) {
  auto slices = slices_of(service_key);
  for (const auto& slice : slices) {
    // One that was orphaned on purpose has no owner any more.
    bool is_owned = std::ranges::any_of(slice->metadata.ownerReferences,
                                        [](const api::OwnerReference& owner) { return owner.kind == "Service"; });
    if (!is_owned) continue;
    auto removed = co_await remove(slice, cause);
    if (!removed) co_return removed;
  }
  co_return Result<void>();
}

}  // namespace kubeloop::controller_manager
