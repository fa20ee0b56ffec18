#include "controller-manager/controllers/ttl-after-finished/reconciler.hpp"

#include <nlohmann/json.hpp>

#include "controller-manager/controllers/ttl-after-finished/plan.hpp"

namespace kubeloop::controller_manager {

TtlAfterFinished::TtlAfterFinished(ControllerContext context)
    : context_(std::move(context)), queue_(context_.env.child("queue")) {
  client::Informer<api::Job>::Handler on_job;
  on_job.on_change = [this](const auto&, const auto& after, std::uint64_t revision) {
    if (after && expiry_of(*after)) queue_.add(client::key_of(*after), revision);
  };
  context_.informers.jobs.add_handler(std::move(on_job));
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
  nlohmann::json options = nlohmann::json::object();
  options["apiVersion"] = "v1";
  options["kind"] = "DeleteOptions";
  options["preconditions"]["uid"] = metadata.uid;
  options["propagationPolicy"] = "Foreground";
  auto removed = co_await context_.client.remove(api::kJobs, metadata.namespace_, metadata.name, options.dump(), cause);
  if (removed || removed.error().code == 404 || removed.error().code == 409) co_return client::ReconcileResult();
  co_return failure(std::move(removed.error()));
}

}  // namespace kubeloop::controller_manager
