#include "apiserver/background.hpp"

#include <algorithm>
#include <chrono>

#include "apiserver/registry/commit.hpp"
#include "apiserver/registry/create.hpp"
#include "apiserver/strategies/system_priority_classes.hpp"
#include "libs/api/codec/json.hpp"
#include "libs/api/status.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::size_t kChangesPerRead = 256;
constexpr Duration kRetryPause = std::chrono::seconds(1);
constexpr Duration kExpiryInterval = std::chrono::seconds(10);
constexpr std::size_t kExpiredPerRound = 500;
constexpr Duration kLagInterval = std::chrono::seconds(1);

// Whose write this is: the very bytes that were given to the store, or, when the store made its own, the only write to
// that key.
const PendingWrite* find_origin(const HubState& hub, const Change& change) {
  const PendingWrite* by_key = nullptr;
  for (const auto& pending : hub.pending) {
    if (pending.key != change.key || pending.expected != change.previous) continue;
    if (pending.value == change.value.get()) return &pending;
    if (!by_key) by_key = &pending;
  }
  return by_key;
}

void record_commit(HubState& hub, const Change& change) {
  const auto* origin = find_origin(hub, change);
  FlowEvent event;
  event.kind = FlowKind::kCommit;
  if (origin) {
    event.request = origin->request;
    event.object = origin->object;
  } else {
    event.object = std::make_shared<const std::string>(change.header->path());
  }
  event.revision = change.revision;
  event.previous = change.previous;
  hub.flow.add(hub.env.clock.wall(), std::move(event));
}

void apply(HubState& hub, const Change& change, bool is_live) {
  auto entry = std::make_shared<WatchChange>();
  entry->change = change;
  entry->before = hub.objects.apply(change);
  if (is_live || !is_planted("hub-forgets-addresses")) hub.addresses.apply(change);
  if (is_live) record_commit(hub, change);
  hub.watches.publish(std::move(entry));
}

}  // namespace

RequestPtr own_request(std::string verb, std::string resource, std::string namespace_, const char* part) {
  auto ctx = std::make_shared<RequestContext>(http::Request("", "/"));
  ctx->info.is_resource = true;
  ctx->info.verb = std::move(verb);
  ctx->info.version = "v1";
  ctx->info.resource = std::move(resource);
  ctx->info.namespace_ = std::move(namespace_);
  ctx->actor = part;
  ctx->cause = "timer";
  ctx->user.name = "system:apiserver";
  ctx->user.groups.push_back("system:masters");
  return ctx;
}

awaitable<Result<void>> load(HubPtr hub) {
  auto base = co_await hub->store.base();
  if (!base) co_return std::unexpected(base.error());
  for (const auto& change : base->changes) {
    hub->objects.apply(change);
    hub->addresses.apply(change);
  }
  hub->objects.compact(base->revision);
  hub->watches.set_oldest(base->revision);
  while (hub->objects.revision() < hub->store.current()) {
    auto changes = co_await hub->store.changes_after(hub->objects.revision(), kChangesPerRead);
    if (!changes) co_return std::unexpected(changes.error());
    for (const auto& change : *changes) apply(*hub, change, false);
  }
  co_return Result<void>();
}

awaitable<void> follow_changes(HubPtr hub) {
  for (;;) {
    auto changes = co_await hub->store.changes_after(hub->objects.revision(), kChangesPerRead);
    if (!changes) {
      hub->env.log.error("the store's changes cannot be read: {}", changes.error().message);
      co_await sleep_for(hub->env, kRetryPause);
      continue;
    }
    for (const auto& change : *changes) apply(*hub, change, true);
    hub->applied.notify();
    if (changes->size() == kChangesPerRead) co_await yield(hub->env);
  }
}

awaitable<void> expire_objects(HubPtr hub) {
  for (;;) {
    co_await sleep_for(hub->env, kExpiryInterval);
    auto wall = hub->env.clock.wall().time_since_epoch();
    auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(wall).count();
    for (const auto& object : hub->objects.expired(now_ms, kExpiredPerRound)) {
      auto ctx = own_request("delete", "events", object->header->namespace_, "apiserver/expiry");
      auto write = make_delete(*object);
      auto removed = co_await commit_write(hub, ctx, std::move(write));
      if (!removed && !is_conflict(removed.error())) break;
    }
  }
}

awaitable<void> compact_store(HubPtr hub) {
  Revision seen = hub->objects.revision();
  for (;;) {
    co_await sleep_for(hub->env, hub->options.compaction_interval);
    // What was there one interval ago has been there for readers long enough.
    Revision target = seen;
    seen = hub->objects.revision();
    if (target <= hub->objects.compacted()) continue;
    auto done = co_await hub->store.compact(target);
    if (!done) {
      hub->env.log.warning("compaction to revision {} failed: {}", target, done.error().message);
      continue;
    }
    hub->objects.compact(target);
    if (hub->watches.oldest() < target) hub->watches.set_oldest(target);
  }
}

awaitable<void> measure_loop_lag(HubPtr hub) {
  for (;;) {
    Instant due = hub->env.clock.now() + kLagInterval;
    co_await sleep_until(hub->env, due);
    hub->metrics.loop_lag_seconds = std::chrono::duration<double>(hub->env.clock.now() - due).count();
  }
}

awaitable<Result<void>> make_system_namespaces(HubPtr hub) {
  auto endpoint = find_endpoint(hub->schema, "", "v1", "namespaces");
  if (!endpoint) co_return failure(api::internal_error("the schema has no namespaces"));
  for (const char* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) {
    if (hub->objects.get(endpoint->key("", name))) continue;
    auto object = Json::object();
    object["apiVersion"] = "v1";
    object["kind"] = "Namespace";
    object["metadata"]["name"] = name;
    endpoint->strategy->set_defaults(object);
    auto ctx = own_request("create", "namespaces", "", "apiserver");
    auto created = co_await create_decoded(hub, ctx, *endpoint, std::move(object));
    if (!created && !is_conflict(created.error())) co_return std::unexpected(created.error());
  }
  co_return Result<void>();
}

awaitable<Result<void>> make_system_priority_classes(HubPtr hub) {
  auto endpoint = find_endpoint(hub->schema, "scheduling.k8s.io", "v1", "priorityclasses");
  if (!endpoint) co_return failure(api::internal_error("the schema has no priorityclasses"));
  for (const auto& wanted : kSystemPriorityClasses) {
    if (hub->objects.get(endpoint->key("", wanted.name))) continue;
    auto object = Json::object();
    object["apiVersion"] = "scheduling.k8s.io/v1";
    object["kind"] = "PriorityClass";
    object["metadata"]["name"] = std::string(wanted.name);
    object["value"] = wanted.value;
    object["description"] = std::string(wanted.description);
    api::apply_defaults(*endpoint->stored->type, object);
    auto ctx = own_request("create", "priorityclasses", "", "apiserver");
    ctx->info.group = "scheduling.k8s.io";
    auto created = co_await create_decoded(hub, ctx, *endpoint, std::move(object));
    if (!created && !is_conflict(created.error())) co_return std::unexpected(created.error());
  }
  co_return Result<void>();
}

}  // namespace kubeloop::apiserver
