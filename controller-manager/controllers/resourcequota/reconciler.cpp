#include "controller-manager/controllers/resourcequota/reconciler.hpp"

#include "controller-manager/in_namespace.hpp"
#include "libs/api/schema/schema.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr Duration kResync = std::chrono::minutes(5);
// The hub writes a charge just before the object: what is counted here may lack the object still. A count is therefore
// believed only when the quota has stood still for a moment.
constexpr Duration kSettle = std::chrono::milliseconds(250);
constexpr Duration kSyncPoll = std::chrono::milliseconds(50);

const api::KindInfo* find_kind(const std::string& resource) {
  for (const auto& kind : api::Schema::builtin().kinds()) {
    if (kind->is_served && kind->is_namespaced && kind->group_resource() == resource) return kind.get();
  }
  return nullptr;
}

client::ListOptions metadata_only() {
  client::ListOptions options;
  options.metadata_only = true;
  return options;
}

}  // namespace

ResourceQuotas::ResourceQuotas(ControllerContext context)
    : context_(std::move(context)),
      queue_(context_.env.child("queue")),
      quotas_(context_.env, context_.client, api::kResourceQuotas, client::ListOptions()) {
  quotas_.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_quota(before, after, revision); });
  context_.informers.pods.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    const auto& metadata = (after ? after : before)->metadata;
    auto item = [&] { return api::quota_item_of_pod(after, context_.env.clock.wall()); };
    if (fold("pods", metadata, after ? ItemMaker(item) : nullptr)) look_at(metadata.namespace_, revision);
  });
  context_.informers.services.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    const auto& metadata = (after ? after : before)->metadata;
    auto item = [&] { return api::quota_item_of_service(*after); };
    if (fold("services", metadata, after ? ItemMaker(item) : nullptr)) look_at(metadata.namespace_, revision);
  });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> ResourceQuotas::queues() const {
  return {{"resourcequota", &queue_}};
}

awaitable<void> ResourceQuotas::run() {
  co_await context_.informers.pods.wait_until_synced();
  co_await context_.informers.services.wait_until_synced();
  context_.tasks.spawn("resource quotas", quotas_.run());
  context_.tasks.spawn("resource quota recount", recount_now_and_then());
  co_await quotas_.wait_until_synced();
  co_await client::run_reconciler(context_.env, queue_, *this);
}

awaitable<void> ResourceQuotas::recount_now_and_then() {
  for (;;) {
    co_await sleep_for(context_.env, kResync);
    for (const auto& [key, quota] : quotas_.objects()) {
      count(key, *quota);
      queue_.add(key, client::Cause());
    }
  }
}

void ResourceQuotas::look_at(const std::string& namespace_, client::Cause cause) {
  for (const auto& key : ledger_.quotas_of(namespace_)) queue_.add_after(key, kSettle, cause);
}

void ResourceQuotas::fold_quota(const QuotaPtr& before, const QuotaPtr& after, client::Cause cause) {
  auto key = client::key_of(after ? *after : *before);
  if (!after) {
    ledger_.close(key);
    seen_.erase(key);
    return;
  }
  auto& seen = seen_[key];
  seen.revision = after->metadata.resourceVersion;
  seen.at = context_.env.clock.now();
  bool is_same = before && before->spec == after->spec && before->metadata.uid == after->metadata.uid;
  if (!is_same || is_new_to_status(*after)) {
    count(key, *after);
    queue_.add(key, cause);
  } else {
    queue_.add_after(key, kSettle, cause);
  }
}

bool ResourceQuotas::fold(const std::string& resource, const api::ObjectMeta& metadata, const ItemMaker& make_item) {
  if (!ledger_.has_quotas(metadata.namespace_)) return false;
  auto object = resource + "/" + metadata.name;
  if (make_item) {
    ledger_.put(metadata.namespace_, object, make_item());
  } else if (!is_planted("quota-never-given-back")) {
    ledger_.drop(metadata.namespace_, object);
  }
  return true;
}

void ResourceQuotas::count(const std::string& key, const api::ResourceQuota& quota) {
  const auto& namespace_ = quota.metadata.namespace_;
  ledger_.open(key, quota.spec);
  auto now = context_.env.clock.wall();
  for (const auto& [pod_key, pod] : in_namespace(context_.informers.pods.objects(), namespace_)) {
    ledger_.put_for(key, "pods/" + pod->metadata.name, api::quota_item_of_pod(pod, now));
  }
  for (const auto& [service_key, service] : in_namespace(context_.informers.services.objects(), namespace_)) {
    ledger_.put_for(key, "services/" + service->metadata.name, api::quota_item_of_service(*service));
  }
  for (const auto& resource : counted_kinds(quota.spec)) {
    watch_kind(resource);
    const auto& kind = kinds_.at(resource);
    if (!kind) continue;
    auto item = api::quota_item_of_object(resource);
    for (const auto& [object_key, object] : in_namespace(kind->objects(), namespace_)) {
      ledger_.put_for(key, resource + "/" + object->metadata.name, item);
    }
  }
}

void ResourceQuotas::watch_kind(const std::string& resource) {
  auto [place, is_new] = kinds_.try_emplace(resource);
  const auto* kind = is_new ? find_kind(resource) : nullptr;
  if (!kind) return;
  api::Resource address{kind->group, kind->version, kind->plural, kind->kind, kind->is_namespaced};
  place->second = std::make_unique<Objects>(context_.env, context_.client, address, metadata_only());
  place->second->add_handler([this, resource](const auto& before, const auto& after, std::uint64_t revision) {
    const auto& metadata = (after ? after : before)->metadata;
    auto item = [&] { return api::quota_item_of_object(resource); };
    bool is_counted = fold(resource, metadata, after ? ItemMaker(item) : nullptr);
    // Only their number is limited: a change of one is no news.
    if (is_counted && (!before || !after)) look_at(metadata.namespace_, revision);
  });
  context_.tasks.spawn("quota: " + resource, place->second->run());
}

bool ResourceQuotas::is_watching(const api::ResourceQuota& quota) const {
  for (const auto& resource : counted_kinds(quota.spec)) {
    auto it = kinds_.find(resource);
    if (it == kinds_.end() || (it->second && !it->second->is_synced())) return false;
  }
  return true;
}

awaitable<Result<client::ReconcileResult>> ResourceQuotas::reconcile(std::string key, client::Cause cause) {
  client::ReconcileResult result;
  auto quota = quotas_.find(key);
  if (!quota) co_return result;
  if (!is_watching(*quota)) {
    result.requeue_after = kSyncPoll;
    co_return result;
  }
  Duration stood = context_.env.clock.now() - seen_[key].at;
  if (!is_new_to_status(*quota) && stood < kSettle) {
    result.requeue_after = kSettle - stood;
    co_return result;
  }
  auto patch = status_patch(*quota, ledger_.used(key));
  if (!patch) co_return result;
  auto written = co_await context_.client.patch(api::kResourceQuotas, quota->metadata.namespace_, quota->metadata.name,
                                                client::PatchType::kMerge, std::move(*patch), cause, "status");
  if (written || written.error().code == 404) co_return result;
  co_return failure(std::move(written.error()));
}

}  // namespace kubeloop::controller_manager
