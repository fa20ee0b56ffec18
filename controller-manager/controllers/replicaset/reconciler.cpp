#include "controller-manager/controllers/replicaset/reconciler.hpp"

#include "controller-manager/controller_refs.hpp"
#include "controller-manager/controllers/replicaset/deletion_ranking.hpp"
#include "controller-manager/controllers/replicaset/plan.hpp"
#include "controller-manager/namespace_state.hpp"
#include "controller-manager/parallel_writes.hpp"
#include "controller-manager/references.hpp"
#include "libs/base/planted.hpp"
#include "libs/client/delete_options.hpp"

namespace kubeloop::controller_manager {
namespace {

api::ObjectReference about(const api::ReplicaSet& set) {
  return reference_to(api::kReplicaSets, set.metadata);
}

}  // namespace

ReplicaSets::ReplicaSets(ControllerContext context)
    : context_(std::move(context)),
      events_(context_.env.child("events"), context_.tasks, context_.client, "replicaset-controller", ""),
      queue_(context_.env.child("queue")) {
  context_.informers.replica_sets.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_set(before, after, revision); });
  context_.informers.pods.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_pod(before, after, revision); });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> ReplicaSets::queues() const {
  return {{"replicaset", &queue_}};
}

awaitable<void> ReplicaSets::run() {
  co_await context_.informers.replica_sets.wait_until_synced();
  co_await context_.informers.pods.wait_until_synced();
  for (int i = 1; i < context_.options.concurrent_replicaset_syncs; ++i) {
    context_.tasks.spawn("replicaset worker", client::run_reconciler(context_.env, queue_, *this));
  }
  co_await client::run_reconciler(context_.env, queue_, *this);
}

void ReplicaSets::fold_set(const SetPtr& before, const SetPtr& after, client::Cause cause) {
  if (before && !after) forget(*before);
  if (after) {
    auto it = known_.find(after->metadata.uid);
    if (it != known_.end() && !it->second.tally.fits(*after)) known_.erase(it);
  }
  queue_.add(client::key_of(after ? *after : *before), cause);
}

void ReplicaSets::forget(const api::ReplicaSet& set) {
  const auto& uid = set.metadata.uid;
  known_.erase(uid);
  expectations_.forget(uid);
  status_writes_.forget(uid);
  auto it = by_namespace_.find(set.metadata.namespace_);
  if (it == by_namespace_.end()) return;
  it->second.erase(uid);
  if (it->second.empty()) by_namespace_.erase(it);
}

void ReplicaSets::fold_pod(const PodPtr& before, const PodPtr& after, client::Cause cause) {
  const auto* old_owner = before ? controller_of_kind(before->metadata, api::kReplicaSets) : nullptr;
  const auto* owner = after ? controller_of_kind(after->metadata, api::kReplicaSets) : nullptr;
  if (owner && !after->metadata.deletionTimestamp.empty()) {
    expectations_.deletion_observed(owner->uid, after->metadata.uid);
  } else if (owner && !before) {
    expectations_.creation_observed(owner->uid);
  } else if (old_owner && !after) {
    expectations_.deletion_observed(old_owner->uid, before->metadata.uid);
  }
  if (old_owner && owner && old_owner->uid == owner->uid) {
    fold_owned(*owner, before, after, cause);
  } else {
    if (old_owner) fold_owned(*old_owner, before, nullptr, cause);
    if (owner) fold_owned(*owner, nullptr, after, cause);
  }
  bool was_orphan = before && !api::controller_of(before->metadata);
  bool is_orphan = after && !api::controller_of(after->metadata);
  if (was_orphan || is_orphan) fold_orphan(was_orphan ? before : nullptr, is_orphan ? after : nullptr, cause);
}

void ReplicaSets::fold_owned(const api::OwnerReference& owner, const PodPtr& before, const PodPtr& after,
                             client::Cause cause) {
  auto it = known_.find(owner.uid);
  if (it == known_.end()) {
    // Not counted yet: its first turn will do it.
    auto key = (after ? after : before)->metadata.namespace_ + "/" + owner.name;
    auto set = context_.informers.replica_sets.find(key);
    if (set && set->metadata.uid == owner.uid) queue_.add(key, cause);
    return;
  }
  bool is_news = it->second.tally.fold(before, after);
  // A pod that came and ended unseen, or went, may be the last that a turn was waiting for.
  if (is_news || !before || !after) queue_.add(it->second.key, cause);
}

void ReplicaSets::fold_orphan(const PodPtr& before, const PodPtr& after, client::Cause cause) {
  auto sets = by_namespace_.find((after ? after : before)->metadata.namespace_);
  if (sets == by_namespace_.end()) return;
  for (const auto& uid : sets->second) {
    auto it = known_.find(uid);
    if (it != known_.end() && it->second.tally.fold_orphan(before, after)) queue_.add(it->second.key, cause);
  }
}

PodTally* ReplicaSets::tally_of(const api::ReplicaSet& set) {
  auto it = known_.find(set.metadata.uid);
  if (it != known_.end()) return &it->second.tally;
  const auto& pods = context_.informers.owned_pods;
  auto tally = PodTally::make(set, pods.of(set.metadata.uid), pods.orphans(set.metadata.namespace_));
  if (!tally) {
    context_.env.log.warning("{}: {}", client::key_of(set), tally.error().message);
    return nullptr;
  }
  Known known{client::key_of(set), std::move(*tally)};
  by_namespace_[set.metadata.namespace_].insert(set.metadata.uid);
  return &known_.emplace(set.metadata.uid, std::move(known)).first->second.tally;
}

awaitable<Result<client::ReconcileResult>> ReplicaSets::reconcile(std::string name, client::Cause cause) {
  auto set = context_.informers.replica_sets.find(name);
  if (!set) co_return client::ReconcileResult();
  const std::string& uid = set->metadata.uid;
  if (!status_writes_.are_seen(uid, context_.informers.replica_sets.revision())) co_return client::ReconcileResult();
  auto* tally = tally_of(*set);
  if (!tally) co_return client::ReconcileResult();
  bool is_deleting = !set->metadata.deletionTimestamp.empty();
  if (!is_deleting && !(tally->to_adopt().empty() && tally->to_release().empty())) {
    auto claimed = co_await claim(set, cause);
    if (!claimed) co_return failure(std::move(claimed.error()));
    // The next turn counts them: their news is on its way.
    co_return client::ReconcileResult();
  }
  ReplicaCounts counts = tally->counts(context_.env.clock.wall());
  std::optional<Status> trouble;
  bool may_act = expectations_.satisfied(uid, context_.env.clock.now());
  if (is_planted("replica-set-without-expectations")) may_act = true;
  if (!is_deleting && may_act) {
    auto managed = co_await manage(set, counts.active, cause);
    if (!managed) trouble = std::move(managed.error());
  }
  auto written = co_await write_status(set, counts, trouble, cause);
  if (!written) co_return failure(std::move(written.error()));
  if (trouble) co_return failure(std::move(*trouble));
  co_return come_back(uid);
}

client::ReconcileResult ReplicaSets::come_back(const std::string& uid) const {
  client::ReconcileResult result;
  result.requeue_after = expectations_.time_left(uid, context_.env.clock.now());
  auto it = known_.find(uid);
  if (it == known_.end()) return result;
  auto next = it->second.tally.next_available(context_.env.clock.wall());
  if (next && (!result.requeue_after || *next < *result.requeue_after)) result.requeue_after = next;
  return result;
}

awaitable<Result<void>> ReplicaSets::claim(SetPtr set, client::Cause cause) {
  const auto* tally = tally_of(*set);
  auto to_adopt = tally->to_adopt();
  auto to_release = tally->to_release();
  std::optional<Status> trouble;
  for (const auto& key : to_release) {
    auto pod = context_.informers.pods.find(key);
    if (!pod) continue;
    auto released = co_await release(context_.client, api::kPods, pod->metadata, set->metadata.uid, cause);
    if (!released && !trouble) trouble = std::move(released.error());
  }
  if (!to_adopt.empty()) {
    auto allowed = co_await check_may_adopt(context_.client, api::kReplicaSets, set->metadata, cause);
    if (!allowed) co_return failure(std::move(allowed.error()));
  }
  for (const auto& key : to_adopt) {
    auto pod = context_.informers.pods.find(key);
    if (!pod || api::controller_of(pod->metadata)) continue;
    auto adopted = co_await adopt(context_.client, api::kPods, pod->metadata, api::kReplicaSets, set->metadata, cause);
    if (!adopted && !trouble) trouble = std::move(adopted.error());
  }
  if (trouble) co_return failure(std::move(*trouble));
  co_return Result<void>();
}

awaitable<Result<void>> ReplicaSets::manage(SetPtr set, std::int64_t active, client::Cause cause) {
  std::int64_t difference = plan_replicas(*set, active);
  if (difference > 0) co_return co_await create_pods(set, difference, cause);
  if (difference < 0) co_return co_await delete_pods(set, static_cast<std::size_t>(-difference), cause);
  co_return Result<void>();
}

awaitable<Result<void>> ReplicaSets::create_pods(SetPtr set, std::int64_t count, client::Cause cause) {
  auto text = pod_from_template(*set);
  if (!text) co_return failure(std::move(text.error()));
  auto body = std::make_shared<const std::string>(std::move(*text));
  auto outcome = std::make_shared<Outcome>();
  expectations_.expect_creations(set->metadata.uid, static_cast<int>(count), context_.env.clock.now());
  std::int64_t sent = 0;
  for (std::int64_t batch : slow_start_batches(count)) {
    std::vector<awaitable<void>> writes;
    for (std::int64_t i = 0; i < batch; ++i) writes.push_back(create_pod(set, body, outcome, cause));
    sent += batch;
    co_await run_all(context_.env, "create pod", std::move(writes));
    if (outcome->failures > 0) break;
  }
  if (sent < count) expectations_.creation_observed(set->metadata.uid, static_cast<int>(count - sent));
  if (outcome->first_failure) co_return failure(std::move(*outcome->first_failure));
  co_return Result<void>();
}

awaitable<void> ReplicaSets::create_pod(SetPtr set, std::shared_ptr<const std::string> body,
                                        std::shared_ptr<Outcome> outcome, client::Cause cause) {
  auto created = co_await context_.client.create(api::kPods, set->metadata.namespace_, *body, cause);
  if (created) {
    auto pod = api::decode_view<api::AnyObject>(*created);
    if (!pod) co_return;
    events_.event(about(*set), "Normal", "SuccessfulCreate", "Created pod: " + pod->metadata.name, cause);
    co_return;
  }
  ++outcome->failures;
  expectations_.creation_observed(set->metadata.uid);
  // Nothing can be made where the namespace goes or has gone, and the set goes with it.
  if (is_namespace_terminating(created.error()) || created.error().code == 404) co_return;
  events_.event(about(*set), "Warning", "FailedCreate", "Error creating: " + created.error().message, cause);
  if (!outcome->first_failure) outcome->first_failure = std::move(created.error());
}

awaitable<Result<void>> ReplicaSets::delete_pods(SetPtr set, std::size_t count, client::Cause cause) {
  std::vector<PodPtr> pods;
  const auto* tally = tally_of(*set);
  for (const auto& [key, pod] : context_.informers.owned_pods.of(set->metadata.uid)) {
    if (tally->is_counted(*pod)) pods.push_back(pod);
  }
  std::map<std::string, std::int64_t> neighbours;
  if (count < pods.size()) neighbours = neighbours_of(*set);
  auto victims = pods_to_delete(std::move(pods), count, neighbours, context_.env.clock.wall());
  std::set<std::string> uids;
  for (const auto& pod : victims) uids.insert(pod->metadata.uid);
  expectations_.expect_deletions(set->metadata.uid, std::move(uids), context_.env.clock.now());
  auto outcome = std::make_shared<Outcome>();
  std::vector<awaitable<void>> writes;
  for (const auto& pod : victims) writes.push_back(delete_pod(set, pod, outcome, cause));
  co_await run_all(context_.env, "delete pod", std::move(writes));
  if (outcome->first_failure) co_return failure(std::move(*outcome->first_failure));
  co_return Result<void>();
}

awaitable<void> ReplicaSets::delete_pod(SetPtr set, PodPtr pod, std::shared_ptr<Outcome> outcome, client::Cause cause) {
  const auto& metadata = pod->metadata;
  client::DeleteOptions options(metadata.uid);
  auto removed = co_await context_.client.remove(api::kPods, metadata.namespace_, metadata.name, options.json(), cause);
  if (removed) {
    events_.event(about(*set), "Normal", "SuccessfulDelete", "Deleted pod: " + pod->metadata.name, cause);
    co_return;
  }
  expectations_.deletion_observed(set->metadata.uid, pod->metadata.uid);
  if (client::is_gone(removed.error())) co_return;
  events_.event(about(*set), "Warning", "FailedDelete", "Error deleting: " + removed.error().message, cause);
  ++outcome->failures;
  if (outcome->first_failure) co_return;
  outcome->first_failure = std::move(removed.error());
  outcome->first_failure->message = "unable to delete pods: " + outcome->first_failure->message;
}

std::map<std::string, std::int64_t> ReplicaSets::neighbours_of(const api::ReplicaSet& set) const {
  std::map<std::string, std::int64_t> result;
  const auto* controller = api::controller_of(set.metadata);
  if (!controller) return result;
  for (const auto& [key, related] : context_.informers.owned_replica_sets.of(controller->uid)) {
    for (const auto& [pod_key, pod] : context_.informers.owned_pods.of(related->metadata.uid)) {
      if (is_active(*pod)) ++result[pod->spec.nodeName];
    }
  }
  return result;
}

awaitable<Result<void>> ReplicaSets::write_status(SetPtr set, ReplicaCounts counts, std::optional<Status> trouble,
                                                  client::Cause cause) {
  auto body = plan_status(*set, counts, trouble ? &*trouble : nullptr, context_.env.clock.wall());
  if (!body) co_return Result<void>();
  auto written = co_await context_.client.patch(api::kReplicaSets, set->metadata.namespace_, set->metadata.name,
                                                client::PatchType::kMerge, std::move(*body), cause, "status");
  // 404: it has gone.
  if (!written && written.error().code == 404) co_return Result<void>();
  if (!written) co_return failure(std::move(written.error()));
  // Forgotten meanwhile when it has gone: then its uid must not be kept.
  auto current = context_.informers.replica_sets.find(client::key_of(*set));
  if (current && current->metadata.uid == set->metadata.uid) status_writes_.note(set->metadata.uid, *written);
  co_return Result<void>();
}

}  // namespace kubeloop::controller_manager
