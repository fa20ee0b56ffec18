#include "controller-manager/controllers/garbage-collector/reconciler.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "libs/base/planted.hpp"
#include "libs/client/delete_options.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr Duration kFirstDiscoveryRetry = std::chrono::seconds(1);
// A kind whose list does not come holds the others up no longer than that. Source: the initial sync timeout of
// kube-controller-manager.
constexpr Duration kSyncLimit = std::chrono::seconds(30);
constexpr Duration kSyncPoll = std::chrono::milliseconds(100);
constexpr int kMaxConflicts = 5;

}  // namespace

GarbageCollector::GarbageCollector(ControllerContext context)
    : context_(std::move(context)),
      events_(context_.env.child("events"), context_.tasks, context_.client, "garbage-collector-controller", ""),
      to_delete_(context_.env.child("delete")),
      to_orphan_(context_.env.child("orphan")),
      monitors_(context_, [this](std::string_view api_version, std::string_view kind, const api::ObjectMeta* before,
                                 const api::ObjectMeta* after,
                                 std::uint64_t revision) { fold(api_version, kind, before, after, revision); }) {}

std::vector<std::pair<std::string, const client::WorkQueue*>> GarbageCollector::queues() const {
  return {{"garbage_collector_attempt_to_delete", &to_delete_}, {"garbage_collector_attempt_to_orphan", &to_orphan_}};
}

awaitable<void> GarbageCollector::run() {
  while (!co_await rediscover()) co_await sleep_for(context_.env, kFirstDiscoveryRetry);
  co_await wait_until_fed();
  for (int i = 0; i < context_.options.concurrent_gc_syncs; ++i) {
    context_.tasks.spawn("collect garbage", client::run_reconciler(context_.env, to_delete_, deleter_));
    context_.tasks.spawn("orphan", client::run_reconciler(context_.env, to_orphan_, orphaner_));
    context_.tasks.spawn("release dependents", release_dependents());
  }
  co_await rediscover_forever();
}

awaitable<bool> GarbageCollector::rediscover() {
  auto found = co_await discover(context_.client, client::Cause());
  if (!found) {
    context_.env.log.warning("discovery failed: {}", found.error().message);
    co_return false;
  }
  kinds_ = std::move(*found);
  monitors_.follow(kinds_);
  co_return true;
}

awaitable<void> GarbageCollector::rediscover_forever() {
  while (true) {
    co_await sleep_for(context_.env, context_.options.gc_discovery_period);
    co_await rediscover();
  }
}

awaitable<void> GarbageCollector::wait_until_fed() {
  Instant limit = context_.env.clock.now() + kSyncLimit;
  while (!monitors_.are_synced() && context_.env.clock.now() < limit) co_await sleep_for(context_.env, kSyncPoll);
  if (!monitors_.are_synced()) context_.env.log.warning("not every kind could be listed; collecting without them");
}

void GarbageCollector::fold(std::string_view api_version, std::string_view kind, const api::ObjectMeta* before,
                            const api::ObjectMeta* after, std::uint64_t revision) {
  if (before && after && is_same_for_graph(*before, *after)) return;
  const auto& metadata = after ? *after : *before;
  ObjectIdentity identity;
  identity.api_version = api_version;
  identity.kind = kind;
  identity.namespace_ = metadata.namespace_;
  identity.name = metadata.name;
  identity.uid = metadata.uid;
  take_on(after ? graph_.observe(identity, before, *after) : graph_.forget(identity), revision);
}

void GarbageCollector::take_on(const GraphWork& work, client::Cause cause) {
  for (const auto& invalid : work.invalid) report(invalid, cause);
  for (const auto& uid : work.to_delete) to_delete_.add(uid, cause);
  for (const auto& uid : work.to_delete_later) to_delete_.add_rate_limited(uid, cause);
  for (const auto& uid : work.to_orphan) to_orphan_.add(uid, cause);
}

void GarbageCollector::report(const GraphWork::InvalidOwner& invalid, client::Cause cause) {
  api::ObjectReference about;
  about.apiVersion = invalid.dependent.api_version;
  about.kind = invalid.dependent.kind;
  about.namespace_ = invalid.dependent.namespace_;
  about.name = invalid.dependent.name;
  about.uid = invalid.dependent.uid;
  events_.event(
      about, "Warning", "OwnerRefInvalidNamespace",
      fmt::format("ownerRef {} does not exist in namespace \"{}\"", invalid.owner.text(), invalid.dependent.namespace_),
      cause);
}

awaitable<GarbageCollector::Outcome> GarbageCollector::attempt_to_delete(std::string uid, client::Cause cause) {
  const Node* node = graph_.find(uid);
  // One that is being deleted goes anyway; its dependents follow when it is gone.
  if (!node || (node->is_being_deleted && !node->is_deleting_dependents)) co_return client::ReconcileResult();
  auto identity = node->identity;
  auto kind = kind_of(identity.api_version, identity.kind);
  if (!kind) co_return failure(std::move(kind.error()));
  auto live = co_await look(*kind, identity, cause);
  if (!live) co_return failure(std::move(live.error()));
  if (!*live) {
    take_on(graph_.confirm_absent(identity), cause);
    co_return client::ReconcileResult();
  }
  cause.fold((*live)->revision());
  node = graph_.find(uid);
  bool is_waiting = node && node->is_deleting_dependents;
  Result<void> done;
  if (is_waiting) {
    done = co_await continue_foreground(identity, cause);
  } else {
    done = co_await collect(identity, *kind, **live, cause);
  }
  if (!done) co_return failure(std::move(done.error()));
  node = graph_.find(uid);
  // It exists, and its informer is late: until it has told, nobody else would notice that it went again.
  if (node && node->is_virtual) co_return failure(409, "Conflict", identity.text() + " has not been seen yet");
  co_return client::ReconcileResult();
}

awaitable<Result<void>> GarbageCollector::continue_foreground(ObjectIdentity identity, client::Cause cause) {
  const Node* node = graph_.find(identity.uid);
  if (!node) co_return Result<void>();
  if (node->blocking == 0) co_return co_await remove_finalizer(identity, kForegroundFinalizer, cause);
  for (const Node* dependent : node->dependents) {
    auto is_blocking = [&](const auto& reference) {
      return reference.uid == identity.uid && reference.blockOwnerDeletion;
    };
    if (!dependent->is_deleting_dependents && std::ranges::any_of(dependent->owners, is_blocking))
      to_delete_.add(dependent->identity.uid, cause);
  }
  co_return Result<void>();
}

awaitable<Result<void>> GarbageCollector::collect(ObjectIdentity identity, ServedKind kind, api::ObjectMeta live,
                                                  client::Cause cause) {
  std::vector<OwnerFinding> owners;
  for (const auto& reference : live.ownerReferences) {
    auto state = co_await look_at_owner(reference, identity, cause);
    if (!state) co_return failure(std::move(state.error()));
    if (!*state) co_return Result<void>();
    OwnerFinding finding;
    finding.uid = reference.uid;
    finding.state = **state;
    owners.push_back(std::move(finding));
  }
  const Node* node = graph_.find(identity.uid);
  bool has_dependents = node && !node->dependents.empty();
  bool has_deleting = has_dependents && std::ranges::any_of(node->dependents, &Node::is_deleting_dependents);
  auto plan = plan_collection(live, owners, has_dependents, has_deleting);
  if (plan.kind == CollectPlan::Kind::kKeep) co_return Result<void>();
  if (plan.kind == CollectPlan::Kind::kRelease) {
    auto patch = release_patch(live, plan.released);
    co_return co_await patch_references(identity, kind, std::move(patch), cause);
  }
  if (plan.unblocks_first) {
    auto patch = unblock_patch(live);
    auto patched = co_await patch_references(identity, kind, std::move(patch), cause);
    if (!patched) co_return patched;
  }
  co_return co_await remove(identity, kind, live, plan.policy, cause);
}

awaitable<Result<void>> GarbageCollector::remove(ObjectIdentity identity, ServedKind kind, api::ObjectMeta live,
                                                 std::string policy, client::Cause cause) {
  client::DeleteOptions options(identity.uid);
  options.resource_version = live.resourceVersion;
  options.propagation_policy = policy;
  auto removed =
      co_await context_.client.remove(kind.resource(), identity.namespace_, identity.name, options.json(), cause);
  if (!removed && removed.error().code == 409) {
    // Somebody else wrote; that matters only if its owners are others now.
    auto again = co_await look(kind, identity, cause);
    if (!again) co_return failure(std::move(again.error()));
    if (*again) {
      bool is_same = std::ranges::equal((*again)->ownerReferences, live.ownerReferences, is_same_reference);
      if (!is_same) co_return failure(std::move(removed.error()));
      options.resource_version.clear();
      removed =
          co_await context_.client.remove(kind.resource(), identity.namespace_, identity.name, options.json(), cause);
    } else {
      removed = failure(404, "NotFound", "");
    }
  }
  if (!removed && removed.error().code != 404) co_return failure(std::move(removed.error()));
  if (!removed) take_on(graph_.confirm_absent(identity), cause);
  co_return Result<void>();
}

awaitable<Result<std::optional<OwnerState>>> GarbageCollector::look_at_owner(api::OwnerReference reference,
                                                                             ObjectIdentity dependent,
                                                                             client::Cause cause) {
  ObjectIdentity owner;
  owner.api_version = reference.apiVersion;
  owner.kind = reference.kind;
  owner.name = reference.name;
  owner.uid = reference.uid;
  if (graph_.absent().contains(owner)) co_return OwnerState::kDangling;
  owner.namespace_ = dependent.namespace_;
  if (graph_.absent().contains(owner)) co_return OwnerState::kDangling;
  auto kind = kind_of(owner.api_version, owner.kind);
  if (!kind) co_return failure(std::move(kind.error()));
  if (!kind->is_namespaced) owner.namespace_.clear();
  if (kind->is_namespaced && dependent.namespace_.empty()) co_return std::optional<OwnerState>();
  auto live = co_await look(*kind, owner, cause);
  if (!live) co_return failure(std::move(live.error()));
  if (!*live) {
    graph_.absent().add(owner);
    co_return OwnerState::kDangling;
  }
  bool is_waiting = !(*live)->deletionTimestamp.empty() && has_finalizer(**live, kForegroundFinalizer);
  co_return is_waiting ? OwnerState::kWaiting : OwnerState::kSolid;
}

awaitable<GarbageCollector::Outcome> GarbageCollector::attempt_to_orphan(std::string uid, client::Cause cause) {
  const Node* node = graph_.find(uid);
  if (!node) co_return client::ReconcileResult();
  auto identity = node->identity;
  auto job = std::make_shared<OrphanJob>();
  job->owner_uid = uid;
  job->cause = cause;
  for (const Node* dependent : node->dependents) {
    Release release;
    release.job = job;
    release.dependent = dependent->identity;
    releases_.push_back(std::move(release));
    ++job->open;
  }
  releases_filled_.notify();
  while (job->open > 0) co_await job->done.wait();
  if (job->error) co_return failure(std::move(*job->error));
  auto removed = co_await remove_finalizer(identity, kOrphanFinalizer, cause);
  if (!removed) co_return failure(std::move(removed.error()));
  co_return client::ReconcileResult();
}

awaitable<void> GarbageCollector::release_dependents() {
  while (true) {
    while (releases_.empty()) co_await releases_filled_.wait();
    Release next = std::move(releases_.front());
    releases_.pop_front();
    std::vector<std::string> owners(1, next.job->owner_uid);
    auto released = co_await release(next.dependent, std::move(owners), next.job->cause);
    if (!released && !next.job->error) next.job->error = std::move(released.error());
    if (--next.job->open == 0) next.job->done.notify();
  }
}

awaitable<Result<void>> GarbageCollector::release(ObjectIdentity dependent, std::vector<std::string> owner_uids,
                                                  client::Cause cause) {
  auto kind = kind_of(dependent.api_version, dependent.kind);
  if (!kind) co_return failure(std::move(kind.error()));
  api::ObjectMeta metadata;
  metadata.uid = dependent.uid;
  auto patch = release_patch(metadata, owner_uids);
  auto body = patch.strategic;
  auto patched = co_await context_.client.patch(kind->resource(), dependent.namespace_, dependent.name,
                                                client::PatchType::kStrategicMerge, std::move(body), cause);
  if (!patched && patched.error().code == 415) {
    auto live = co_await look(*kind, dependent, cause);
    if (!live) co_return failure(std::move(live.error()));
    if (!*live) co_return Result<void>();
    patch = release_patch(**live, owner_uids);
    body = patch.merge;
    patched = co_await context_.client.patch(kind->resource(), dependent.namespace_, dependent.name,
                                             client::PatchType::kMerge, std::move(body), cause);
  }
  if (patched || patched.error().code == 404) co_return Result<void>();
  co_return failure(std::move(patched.error()));
}

awaitable<Result<void>> GarbageCollector::patch_references(ObjectIdentity identity, ServedKind kind,
                                                           ReferencePatch patch, client::Cause cause) {
  auto patched = co_await context_.client.patch(kind.resource(), identity.namespace_, identity.name,
                                                client::PatchType::kStrategicMerge, std::move(patch.strategic), cause);
  if (!patched && patched.error().code == 415) {
    patched = co_await context_.client.patch(kind.resource(), identity.namespace_, identity.name,
                                             client::PatchType::kMerge, std::move(patch.merge), cause);
  }
  if (!patched) co_return failure(std::move(patched.error()));
  co_return Result<void>();
}

awaitable<Result<void>> GarbageCollector::remove_finalizer(ObjectIdentity identity, std::string finalizer,
                                                           client::Cause cause) {
  auto kind = kind_of(identity.api_version, identity.kind);
  if (!kind) co_return failure(std::move(kind.error()));
  Status last;
  for (int attempt = 0; attempt < kMaxConflicts; ++attempt) {
    auto live = co_await look(*kind, identity, cause);
    if (!live) co_return failure(std::move(live.error()));
    if (!*live) co_return Result<void>();
    auto body = finalizer_patch(**live, finalizer.c_str());
    if (body.empty()) co_return Result<void>();
    auto patched = co_await context_.client.patch(kind->resource(), identity.namespace_, identity.name,
                                                  client::PatchType::kMerge, std::move(body), cause);
    if (patched || patched.error().code == 404) co_return Result<void>();
    last = std::move(patched.error());
    if (last.code != 409) break;
  }
  co_return failure(std::move(last));
}

awaitable<Result<std::optional<api::ObjectMeta>>> GarbageCollector::look(ServedKind kind, ObjectIdentity identity,
                                                                         client::Cause cause) {
  std::optional<api::ObjectMeta> found;
  // A namespaced kind without a namespace, or the reverse, is a wrong guess of a virtual node.
  if (kind.is_namespaced && identity.namespace_.empty()) co_return found;
  auto namespace_ = kind.is_namespaced ? identity.namespace_ : std::string();
  auto text = co_await context_.client.get(kind.resource(), namespace_, identity.name, cause);
  if (!text && text.error().code == 404) co_return found;
  if (!text) co_return failure(std::move(text.error()));
  auto object = api::decode_view<api::AnyObject>(*text);
  if (!object) co_return failure(std::move(object.error()));
  bool is_it = object->metadata.uid == identity.uid || is_planted("collector-trusts-names");
  if (is_it) found = std::move(object->metadata);
  co_return found;
}

Result<ServedKind> GarbageCollector::kind_of(const std::string& api_version, const std::string& kind) const {
  if (const auto* served = kinds_.find(api_version, kind)) return *served;
  return failure(404, "NotFound", fmt::format("no kind {} is served in version {}", kind, api_version));
}

}  // namespace kubeloop::controller_manager
