#include "controller-manager/controllers/job/reconciler.hpp"

#include <algorithm>

#include "controller-manager/controller_refs.hpp"
#include "controller-manager/controllers/job/pod_body.hpp"
#include "controller-manager/controllers/job/pod_claims.hpp"
#include "controller-manager/controllers/job/status_patch.hpp"
#include "controller-manager/in_namespace.hpp"
#include "controller-manager/namespace_state.hpp"
#include "controller-manager/parallel_writes.hpp"
#include "controller-manager/references.hpp"
#include "libs/client/delete_options.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr Duration kBatchPeriod = std::chrono::seconds(1);
constexpr client::RetryDelays kRetry{std::chrono::seconds(1), std::chrono::minutes(1)};

api::ObjectReference about(const api::Job& job) {
  return reference_to(api::kJobs, job.metadata);
}

client::ReconcileResult come_back(std::optional<Duration> after) {
  client::ReconcileResult result;
  result.requeue_after = after;
  return result;
}

}  // namespace

Jobs::Jobs(ControllerContext context)
    : context_(std::move(context)),
      events_(context_.env.child("events"), context_.tasks, context_.client, "job-controller", ""),
      queue_(context_.env.child("queue"), kRetry),
      orphans_(context_.env.child("orphan-queue"), kRetry),
      orphan_reconciler_(*this) {
  context_.informers.jobs.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_job(before, after, revision); });
  context_.informers.pods.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_pod(before, after, revision); });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> Jobs::queues() const {
  return {{"job", &queue_}, {"job_orphan_pod", &orphans_}};
}

awaitable<void> Jobs::run() {
  co_await context_.informers.jobs.wait_until_synced();
  co_await context_.informers.pods.wait_until_synced();
  context_.tasks.spawn("orphaned job pods", client::run_reconciler(context_.env, orphans_, orphan_reconciler_));
  for (int i = 1; i < context_.options.concurrent_job_syncs; ++i)
    context_.tasks.spawn("jobs", client::run_reconciler(context_.env, queue_, *this));
  co_await client::run_reconciler(context_.env, queue_, *this);
}

void Jobs::fold_job(const JobPtr& before, const JobPtr& after, client::Cause cause) {
  const api::Job& job = after ? *after : *before;
  auto key = client::key_of(job);
  if (!after) forget(job);
  if (!after || is_finished(job)) {
    for (const auto& [pod_key, pod] : context_.informers.owned_pods.of(job.metadata.uid)) {
      if (is_tracked(*pod)) orphans_.add(pod_key, cause);
    }
  }
  if (!after) return;
  if (!before) {
    for (const auto& [pod_key, pod] : context_.informers.owned_pods.orphans(job.metadata.namespace_)) {
      if (is_claimed_by(job, *pod)) adoptable_[job.metadata.uid].insert(pod_key);
    }
  }
  // A status is news of pods, mostly: it can wait.
  bool is_spec_changed = !before || before->metadata.generation != after->metadata.generation;
  if (is_spec_changed) return queue_.add(key, cause);
  queue_.add_after(key, kBatchPeriod, cause);
}

void Jobs::forget(const api::Job& job) {
  const auto& uid = job.metadata.uid;
  job_writes_.forget(uid);
  pod_writes_.forget(uid);
  backoffs_.erase(uid);
  adoptable_.erase(uid);
}

JobPtr Jobs::job_of(const api::Pod& pod) const {
  const auto* owner = controller_of_kind(pod.metadata, api::kJobs);
  if (!owner) return nullptr;
  auto job = context_.informers.jobs.find(pod.metadata.namespace_ + "/" + owner->name);
  return job && job->metadata.uid == owner->uid ? job : nullptr;
}

void Jobs::fold_pod(const PodPtr& before, const PodPtr& after, client::Cause cause) {
  const auto& pod = after ? after : before;
  if (!after || !is_tracked(*after)) freed_.erase(pod->metadata.uid);
  auto job = job_of(*pod);
  auto last = before ? job_of(*before) : nullptr;
  if (last && last != job) queue_.add_after(client::key_of(*last), kBatchPeriod, cause);
  if (job) queue_.add_after(client::key_of(*job), kBatchPeriod, cause);
  const auto* owner = api::controller_of(pod->metadata);
  bool is_ours = !owner || controller_of_kind(pod->metadata, api::kJobs);
  if (after && is_tracked(*after) && is_ours && (!job || is_finished(*job)))
    orphans_.add(client::key_of(*after), cause);
  if (!owner) fold_orphan(before, after, cause);
}

void Jobs::fold_orphan(const PodPtr& before, const PodPtr& after, client::Cause cause) {
  if (!after) return;
  bool was_the_same =
      before && !api::controller_of(before->metadata) && before->metadata.labels == after->metadata.labels;
  if (was_the_same) return;
  for (const auto& [key, job] : in_namespace(context_.informers.jobs.objects(), after->metadata.namespace_)) {
    if (!is_claimed_by(*job, *after)) continue;
    adoptable_[job->metadata.uid].insert(client::key_of(*after));
    queue_.add_after(key, kBatchPeriod, cause);
  }
}

awaitable<Jobs::SyncResult> Jobs::reconcile_orphan(std::string name, client::Cause cause) {
  auto pod = context_.informers.pods.find(name);
  if (!pod || !is_tracked(*pod)) co_return client::ReconcileResult();
  bool is_ours = !api::controller_of(pod->metadata) || controller_of_kind(pod->metadata, api::kJobs);
  auto job = job_of(*pod);
  if (!is_ours || (job && (is_managed_elsewhere(*job) || !is_finished(*job)))) co_return client::ReconcileResult();
  auto freed = co_await free_pod(pod, cause);
  if (!freed) co_return failure(std::move(freed.error()));
  co_return client::ReconcileResult();
}

awaitable<Jobs::SyncResult> Jobs::reconcile(std::string name, client::Cause cause) {
  auto job = context_.informers.jobs.find(name);
  if (!job || is_managed_elsewhere(*job)) co_return client::ReconcileResult();
  const std::string uid = job->metadata.uid;
  if (is_finished(*job)) {
    backoffs_.erase(uid);
    co_return client::ReconcileResult();
  }
  // Deciding from what was before our own last writes would count and order twice.
  if (!job_writes_.are_seen(uid, context_.informers.jobs.revision()) ||
      !pod_writes_.are_seen(uid, context_.informers.pods.revision())) {
    co_return come_back(kBatchPeriod);
  }
  auto pods = co_await claim(job, cause);
  if (!pods) co_return failure(std::move(pods.error()));
  WallTime now = context_.env.clock.wall();
  auto assessment = std::make_shared<const Assessment>(assess(job, std::move(*pods), freed_, now));
  auto backoff = backoffs_[uid].after(assessment->newly_succeeded, assessment->newly_failed);
  auto orders = plan_orders(*assessment, backoff, now);
  auto wait = orders.wait;
  auto outcome = std::make_shared<Outcome>();
  co_await carry_out(assessment, orders, outcome, cause);
  auto tracking = plan_tracking(*assessment, orders, *outcome, context_.env.clock.wall());
  auto tracked = co_await track(assessment, std::move(tracking), backoff, cause);
  auto current = context_.informers.jobs.find(name);
  if (!current || current->metadata.uid != uid) forget(*job);
  if (!tracked) co_return failure(std::move(tracked.error()));
  if (outcome->first_failure) co_return failure(std::move(*outcome->first_failure));
  if (wait) wait = std::max(*wait, kBatchPeriod);
  if (assessment->deadline_in) wait = wait ? std::min(*wait, *assessment->deadline_in) : *assessment->deadline_in;
  co_return come_back(wait);
}

awaitable<Result<JobPods>> Jobs::claim(JobPtr job, client::Cause cause) {
  const std::string uid = job->metadata.uid;
  auto wanted = adoptable_.extract(uid);
  if (!wanted.empty() && job->metadata.deletionTimestamp.empty()) {
    auto adopted = co_await adopt_pods(job, wanted.mapped(), cause);
    if (!adopted) {
      adoptable_[uid].merge(wanted.mapped());
      co_return failure(std::move(adopted.error()));
    }
  }
  JobPods pods;
  auto owned = context_.informers.owned_pods.of(uid);
  for (const auto& [key, pod] : owned) {
    bool is_claimed = is_claimed_by(*job, *pod) || !job->metadata.deletionTimestamp.empty();
    if (is_claimed) {
      pods.push_back(pod);
      continue;
    }
    auto released = co_await release_pod(pod, uid, cause);
    if (!released) co_return failure(std::move(released.error()));
  }
  co_return pods;
}

awaitable<Result<void>> Jobs::adopt_pods(JobPtr job, std::set<std::string> keys, client::Cause cause) {
  bool is_checked = false;
  for (const auto& key : keys) {
    auto pod = context_.informers.pods.find(key);
    bool is_wanted = pod && !api::controller_of(pod->metadata) && pod->metadata.deletionTimestamp.empty() &&
                     is_claimed_by(*job, *pod);
    if (!is_wanted) continue;
    if (!is_checked) {
      auto allowed = co_await check_may_adopt(context_.client, api::kJobs, job->metadata, cause);
      if (!allowed) co_return failure(std::move(allowed.error()));
      is_checked = true;
    }
    auto body = adoption_patch(*job, *pod);
    auto patched = co_await context_.client.patch(api::kPods, pod->metadata.namespace_, pod->metadata.name,
                                                  client::PatchType::kStrategicMerge, std::move(body), cause);
    // 404: gone; 422: somebody else's by now. A conflict need not bring news, so it is tried again.
    int code = patched ? 200 : patched.error().code;
    if (code != 200 && code != 404 && code != 422) co_return failure(std::move(patched.error()));
    if (patched) pod_writes_.note(job->metadata.uid, *patched);
  }
  co_return Result<void>();
}

awaitable<Result<void>> Jobs::release_pod(PodPtr pod, std::string job_uid, client::Cause cause) {
  auto body = release_patch(*pod, job_uid);
  auto patched = co_await context_.client.patch(api::kPods, pod->metadata.namespace_, pod->metadata.name,
                                                client::PatchType::kStrategicMerge, std::move(body), cause);
  int code = patched ? 200 : patched.error().code;
  if (code != 200 && code != 404 && code != 422) co_return failure(std::move(patched.error()));
  co_return Result<void>();
}

awaitable<void> Jobs::carry_out(std::shared_ptr<const Assessment> assessment, PodOrders orders,
                                std::shared_ptr<Outcome> outcome, client::Cause cause) {
  std::vector<awaitable<void>> writes;
  for (const auto& pod : orders.deletes)
    writes.push_back(delete_pod(assessment->job, pod, orders.frees_deleted, outcome, cause));
  if (!writes.empty()) co_await run_all(context_.env, "delete job pods", std::move(writes));
  std::size_t next = 0;
  auto batches = slow_start_batches(orders.creates);
  for (std::int64_t batch : batches) {
    std::vector<awaitable<void>> creations;
    for (std::int64_t i = 0; i < batch; ++i, ++next) {
      std::optional<std::int64_t> index;
      if (next < orders.indexes.size()) index = orders.indexes[next];
      creations.push_back(create_pod(assessment, index, outcome, cause));
    }
    co_await run_all(context_.env, "create job pods", std::move(creations));
    if (outcome->is_refused) break;
  }
}

awaitable<void> Jobs::create_pod(std::shared_ptr<const Assessment> assessment, std::optional<std::int64_t> index,
                                 std::shared_ptr<Outcome> outcome, client::Cause cause) {
  const api::Job& job = *assessment->job;
  auto body = job_pod_body(*assessment, index);
  Result<std::string> created = body;
  if (body) created = co_await context_.client.create(api::kPods, job.metadata.namespace_, std::move(*body), cause);
  if (created) {
    ++outcome->created;
    pod_writes_.note(job.metadata.uid, *created);
    auto pod = api::decode_view<api::AnyObject>(*created);
    if (pod) events_.event(about(job), "Normal", "SuccessfulCreate", "Created pod: " + pod->metadata.name, cause);
    co_return;
  }
  outcome->is_refused = true;
  // Nothing can be made where the namespace goes, and the job goes with it.
  if (is_namespace_terminating(created.error())) co_return;
  events_.event(about(job), "Warning", "FailedCreate", "Error creating: " + created.error().message, cause);
  if (!outcome->first_failure) outcome->first_failure = std::move(created.error());
}

awaitable<void> Jobs::delete_pod(JobPtr job, PodPtr pod, bool frees_it, std::shared_ptr<Outcome> outcome,
                                 client::Cause cause) {
  if (frees_it && is_tracked(*pod)) {
    auto freed = co_await free_pod(pod, cause);
    if (!freed) {
      if (!outcome->first_failure) outcome->first_failure = std::move(freed.error());
      co_return;
    }
  }
  client::DeleteOptions options(pod->metadata.uid);
  auto removed =
      co_await context_.client.remove(api::kPods, pod->metadata.namespace_, pod->metadata.name, options.json(), cause);
  bool is_gone = !removed && client::is_gone(removed.error());
  if (!removed && !is_gone) {
    events_.event(about(*job), "Warning", "FailedDelete", "Error deleting: " + removed.error().message, cause);
    if (!outcome->first_failure) outcome->first_failure = std::move(removed.error());
    co_return;
  }
  ++outcome->deleted;
  if (is_ready(*pod)) ++outcome->deleted_ready;
  if (is_gone) co_return;
  pod_writes_.note(job->metadata.uid, *removed);
  events_.event(about(*job), "Normal", "SuccessfulDelete", "Deleted pod: " + pod->metadata.name, cause);
}

awaitable<Result<void>> Jobs::track(std::shared_ptr<const Assessment> assessment, Tracking tracking, PodBackoff backoff,
                                    client::Cause cause) {
  const auto& job = assessment->job;
  std::string revision = job->metadata.resourceVersion;
  if (tracking.needs_write) {
    auto written = co_await write_status(job, tracking.status, revision, cause);
    if (!written) co_return failure(std::move(written.error()));
    revision = std::move(*written);
    backoffs_[job->metadata.uid] = backoff;
    tell_suspension(*job, tracking, cause);
  }
  auto tracked = assessment->tracked;
  std::optional<Status> first_failure;
  std::vector<awaitable<void>> writes;
  for (const auto& pod : tracking.to_free) writes.push_back(free_one(pod, &tracked, &first_failure, cause));
  if (!writes.empty()) co_await run_all(context_.env, "free job pods", std::move(writes));
  bool is_counted = count_freed(tracking.status, tracked);
  bool is_ended = !first_failure && conclude(tracking, context_.env.clock.wall());
  if (is_counted || is_ended) {
    auto written = co_await write_status(job, tracking.status, revision, cause);
    if (!written) co_return failure(std::move(written.error()));
    if (is_ended) tell_end(*job, tracking, cause);
  }
  if (first_failure) co_return failure(std::move(*first_failure));
  co_return Result<void>();
}

awaitable<Result<std::string>> Jobs::write_status(JobPtr job, api::JobStatus status, std::string resource_version,
                                                  client::Cause cause) {
  auto body = job_status_patch(*job, status, resource_version);
  auto written = co_await context_.client.patch(api::kJobs, job->metadata.namespace_, job->metadata.name,
                                                client::PatchType::kMerge, std::move(body), cause, "status");
  if (!written) co_return failure(std::move(written.error()));
  job_writes_.note(job->metadata.uid, *written);
  auto object = api::decode_view<api::AnyObject>(*written);
  if (!object) co_return failure(std::move(object.error()));
  co_return object->metadata.resourceVersion;
}

awaitable<void> Jobs::free_one(PodPtr pod, std::set<std::string>* tracked, std::optional<Status>* first_failure,
                               client::Cause cause) {
  auto freed = co_await free_pod(pod, cause);
  if (freed) {
    tracked->erase(pod->metadata.uid);
  } else if (!*first_failure) {
    *first_failure = std::move(freed.error());
  }
}

awaitable<Result<void>> Jobs::free_pod(PodPtr pod, client::Cause cause) {
  auto body = free_patch(*pod);
  auto patched = co_await context_.client.patch(api::kPods, pod->metadata.namespace_, pod->metadata.name,
                                                client::PatchType::kStrategicMerge, std::move(body), cause);
  // 404: gone. After a conflict the informer knows by and by whether another pod has the name.
  if (!patched && patched.error().code != 404) co_return failure(std::move(patched.error()));
  auto known = context_.informers.pods.find(client::key_of(*pod));
  if (known && known->metadata.uid == pod->metadata.uid && is_tracked(*known)) freed_.insert(pod->metadata.uid);
  co_return Result<void>();
}

void Jobs::tell_suspension(const api::Job& job, const Tracking& tracking, client::Cause cause) {
  if (tracking.suspension.empty()) return;
  const char* message = tracking.suspension == "Suspended" ? "Job suspended" : "Job resumed";
  events_.event(about(job), "Normal", tracking.suspension, message, cause);
}

void Jobs::tell_end(const api::Job& job, const Tracking& tracking, client::Cause cause) {
  if (tracking.ending->type != "Complete") {
    events_.event(about(job), "Warning", tracking.ending->reason, tracking.ending->message, cause);
    return;
  }
  if (job.spec.completions && tracking.status.succeeded > *job.spec.completions) {
    events_.event(about(job), "Warning", "TooManySucceededPods",
                  "Too many succeeded pods running after completion count reached", cause);
  }
  events_.event(about(job), "Normal", "Completed", "Job completed", cause);
}

}  // namespace kubeloop::controller_manager
