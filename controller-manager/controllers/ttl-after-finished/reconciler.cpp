#include "controller-manager/controllers/ttl-after-finished/reconciler.hpp"

#include "controller-manager/controllers/ttl-after-finished/plan.hpp"
#include "controller-manager/object_removal.hpp"

namespace kubeloop::controller_manager {

TtlAfterFinished::TtlAfterFinished(ControllerContext context)
    : context_(std::move(context)), queue_(context_.env.child("queue")) {
  context_.informers.jobs.add_handler([this](const auto&, const auto& after, std::uint64_t revision) {
    if (after && expiry_of(*after)) queue_.add(client::key_of(*after), revision);
  });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> TtlAfterFinished::queues() const {
  return {{"ttl_jobs_to_delete", &queue_}};
}

awaitable<void> TtlAfterFinished::run() {
  co_await context_.informers.jobs.wait_until_synced();
  co_await client::run_reconciler(context_.env, queue_, *this);
}

awaitable<Result<client::ReconcileResult>> TtlAfterFinished::reconcile(std::string name, client::Cause cause) {
  auto job = context_.informers.jobs.find(name);
  auto expiry = job ? expiry_of(*job) : std::nullopt;
  if (!expiry) co_return client::ReconcileResult();
  client::ReconcileResult later;
  WallTime now = context_.env.clock.wall();
  if (*expiry > now) {
    later.requeue_after = *expiry - now;
    co_return later;
  }
  // The time to live may have been raised meanwhile: the hub knows.
  const auto& metadata = job->metadata;
  auto text = co_await context_.client.get(api::kJobs, metadata.namespace_, metadata.name, cause);
  if (!text && text.error().code == 404) co_return client::ReconcileResult();
  if (!text) co_return failure(std::move(text.error()));
  auto live = api::decode_view<api::Job>(*text);
  if (!live) co_return failure(std::move(live.error()));
  auto live_expiry = expiry_of(*live);
  if (!live_expiry || live->metadata.uid != metadata.uid) co_return client::ReconcileResult();
  if (*live_expiry > now) {
    later.requeue_after = *live_expiry - now;
    co_return later;
  }
  client::DeleteOptions options;
  options.propagation_policy = "Foreground";
  auto removed = co_await remove_object(context_.client, api::kJobs, metadata, cause, options);
  if (!removed) co_return failure(std::move(removed.error()));
  co_return client::ReconcileResult();
}

}  // namespace kubeloop::controller_manager
