#include "controller-manager/controllers/namespace/reconciler.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "controller-manager/in_namespace.hpp"
#include "libs/base/planted.hpp"
#include "libs/client/delete_options.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr int kPage = 500;
constexpr int kMaxConflicts = 5;

struct ListHead {
  std::string continue_;
};
BOOST_DESCRIBE_STRUCT(ListHead, (), (continue_))
struct ObjectList {
  ListHead metadata;
  std::vector<api::AnyObject> items;
};
BOOST_DESCRIBE_STRUCT(ObjectList, (), (metadata, items))

// Dependents are not asked: everything in the namespace goes anyway.
std::string delete_options() {
  client::DeleteOptions options;
  options.propagation_policy = "Background";
  return options.json();
}

// The kind is named by discovery but does not do that, or has gone meanwhile.
bool is_unsupported(const Status& status) {
  return status.code == 404 || status.code == 405;
}

}  // namespace

NamespaceDeletion::NamespaceDeletion(ControllerContext context)
    : context_(std::move(context)), queue_(context_.env.child("queue")) {
  context_.informers.namespaces.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    if (!after) {
      failures_.erase(before->metadata.name);
    } else if (!after->metadata.deletionTimestamp.empty()) {
      // What was created in it a moment ago is to be seen everywhere first.
      queue_.add_after(after->metadata.name, context_.options.namespace_deletion_delay, revision);
    }
  });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> NamespaceDeletion::queues() const {
  return {{"namespace", &queue_}};
}

awaitable<void> NamespaceDeletion::run() {
  co_await context_.informers.namespaces.wait_until_synced();
  co_await context_.informers.pods.wait_until_synced();
  for (int i = 1; i < context_.options.concurrent_namespace_syncs; ++i) {
    context_.tasks.spawn("namespace", client::run_reconciler(context_.env, queue_, *this));
  }
  co_await client::run_reconciler(context_.env, queue_, *this);
}

awaitable<Result<client::ReconcileResult>> NamespaceDeletion::reconcile(std::string name, client::Cause cause) {
  client::ReconcileResult result;
  if (!context_.informers.namespaces.find(name)) co_return result;
  auto estimate = co_await remove_namespace(name, cause);
  if (!estimate) {
    auto delay = retry_delay(failures_[name]++);
    context_.env.log.info("deletion of namespace {} failed: {}; again in {} ms", name, estimate.error().message,
                          std::chrono::duration_cast<std::chrono::milliseconds>(delay).count());
    result.requeue_after = delay;
    co_return result;
  }
  failures_.erase(name);
  if (*estimate > 0) result.requeue_after = next_look(*estimate);
  co_return result;
}

awaitable<Result<std::int64_t>> NamespaceDeletion::remove_namespace(std::string name, client::Cause cause) {
  auto text = co_await context_.client.get(api::kNamespaces, "", name, cause);
  if (!text && text.error().code == 404) co_return 0;
  if (!text) co_return failure(std::move(text.error()));
  auto namespace_ = api::decode_view<api::Namespace>(*text);
  if (!namespace_) co_return failure(std::move(namespace_.error()));
  if (namespace_->metadata.deletionTimestamp.empty()) co_return 0;
  cause.fold(namespace_->metadata.revision());
  if (namespace_->status.phase != "Terminating") {
    auto body =
        fmt::format(R"({{"metadata":{{"uid":"{}"}},"status":{{"phase":"Terminating"}}}})", namespace_->metadata.uid);
    auto patched = co_await context_.client.patch(api::kNamespaces, "", name, client::PatchType::kMerge,
                                                  std::move(body), cause, "status");
    if (!patched && patched.error().code == 404) co_return 0;
    if (!patched) co_return failure(std::move(patched.error()));
  }
  if (namespace_->spec.finalizers.empty()) co_return 0;
  auto removal = co_await remove_content(*namespace_, cause);
  auto conditions = plan_conditions(*namespace_, removal, context_.env.clock.wall());
  if (conditions) {
    auto patched = co_await context_.client.patch(api::kNamespaces, "", name, client::PatchType::kStrategicMerge,
                                                  std::move(*conditions), cause, "status");
    // They only tell: the removal goes on without them.
    if (!patched) context_.env.log.warning("conditions of namespace {}: {}", name, patched.error().message);
  }
  auto error = removal.error();
  if (!error.empty()) co_return failure(500, "InternalError", std::move(error));
  auto estimate = removal.estimate_seconds();
  if (estimate > 0 && !is_planted("namespace-finalized-too-early")) co_return estimate;
  auto finalized = co_await finalize(name, namespace_->metadata.uid, cause);
  if (!finalized) co_return failure(std::move(finalized.error()));
  co_return 0;
}

awaitable<ContentRemoval> NamespaceDeletion::remove_content(api::Namespace namespace_, client::Cause cause) {
  ContentRemoval removal;
  auto found = co_await discover(context_.client, cause);
  ServedKinds kinds;
  if (!found) {
    removal.discovery_error = found.error().message;
  } else {
    kinds = std::move(*found);
    if (!kinds.failed.empty()) {
      removal.discovery_error = fmt::format(
          "Discovery failed for some groups, {} failing: unable to retrieve the complete list of server "
          "APIs: {}: stale GroupVersion discovery",
          kinds.failed.size(), fmt::join(kinds.failed, ": stale GroupVersion discovery, "));
    }
  }
  std::erase_if(kinds.all, [](const ServedKind& kind) {
    return !kind.is_namespaced || !kind.is_preferred || !kind.can("delete");
  });
  auto is_pods = [](const ServedKind& kind) { return kind.group.empty() && kind.plural == "pods"; };
  auto pods = std::ranges::find_if(kinds.all, is_pods);
  if (pods != kinds.all.end()) std::rotate(kinds.all.begin(), pods, pods + 1);
  for (const auto& kind : kinds.all) {
    auto estimate = is_pods(kind) ? estimate_pods(namespace_) : 0;
    auto done = co_await remove_kind(kind, namespace_.metadata.name, estimate, cause);
    bool are_pods_left = done.is_pods() && (done.remaining > 0 || !done.error.empty());
    removal.kinds.push_back(std::move(done));
    if (are_pods_left) break;
  }
  co_return removal;
}

awaitable<KindRemoval> NamespaceDeletion::remove_kind(ServedKind kind, std::string namespace_,
                                                      std::int64_t estimate_seconds, client::Cause cause) {
  KindRemoval removal;
  removal.group = kind.group;
  removal.version = kind.version;
  removal.plural = kind.plural;
  removal.estimate_seconds = estimate_seconds;
  bool is_told = false;
  if (kind.can("deletecollection")) {
    auto removed = co_await context_.client.remove(kind.resource(), namespace_, "", delete_options(), cause);
    is_told = removed.has_value();
    if (!removed && !is_unsupported(removed.error())) {
      removal.error = removed.error().message;
      co_return removal;
    }
  }
  if (!is_told) {
    auto removed = co_await remove_each(kind, namespace_, cause);
    if (!removed) {
      removal.error = removed.error().message;
      co_return removal;
    }
  }
  auto left = co_await list(kind, namespace_);
  if (!left) {
    removal.error = left.error().message;
    co_return removal;
  }
  judge_remaining(removal, namespace_, *left);
  co_return removal;
}

awaitable<Result<void>> NamespaceDeletion::remove_each(ServedKind kind, std::string namespace_, client::Cause cause) {
  auto objects = co_await list(kind, namespace_);
  if (!objects) co_return failure(std::move(objects.error()));
  for (const auto& metadata : *objects) {
    auto removed = co_await context_.client.remove(kind.resource(), namespace_, metadata.name, delete_options(), cause);
    if (!removed && !is_unsupported(removed.error())) co_return failure(std::move(removed.error()));
  }
  co_return Result<void>();
}

awaitable<Result<std::vector<api::ObjectMeta>>> NamespaceDeletion::list(ServedKind kind, std::string namespace_) {
  std::vector<api::ObjectMeta> all;
  if (!kind.can("list")) co_return all;
  client::ListOptions options;
  options.namespace_ = namespace_;
  options.metadata_only = true;
  options.limit = kPage;
  while (true) {
    auto page = co_await context_.client.list(kind.resource(), options);
    if (!page && is_unsupported(page.error())) co_return all;
    if (!page) co_return failure(std::move(page.error()));
    auto objects = api::decode_view<ObjectList>(*page);
    if (!objects) co_return failure(std::move(objects.error()));
    for (auto& object : objects->items) all.push_back(std::move(object.metadata));
    if (objects->metadata.continue_.empty()) co_return all;
    options.continue_token = std::move(objects->metadata.continue_);
  }
}

awaitable<Result<void>> NamespaceDeletion::finalize(std::string name, std::string uid, client::Cause cause) {
  Status last;
  for (int attempt = 0; attempt < kMaxConflicts; ++attempt) {
    auto text = co_await context_.client.get(api::kNamespaces, "", name, cause);
    if (!text && text.error().code == 404) co_return Result<void>();
    if (!text) co_return failure(std::move(text.error()));
    auto live = api::decode_view<api::Namespace>(*text);
    if (!live) co_return failure(std::move(live.error()));
    if (live->metadata.uid != uid) co_return Result<void>();  // another one of that name
    auto body = finalized_body(*text);
    if (!body) co_return failure(std::move(body.error()));
    auto put = co_await context_.client.update(api::kNamespaces, "", name, std::move(*body), cause, "finalize");
    if (put || put.error().code == 404) co_return Result<void>();
    last = std::move(put.error());
    if (last.code != 409) break;
  }
  co_return failure(std::move(last));
}

std::int64_t NamespaceDeletion::estimate_pods(const api::Namespace& namespace_) const {
  std::vector<std::shared_ptr<const api::Pod>> pods;
  for (const auto& [key, pod] : in_namespace(context_.informers.pods.objects(), namespace_.metadata.name)) {
    pods.push_back(pod);
  }
  return pods_estimate(pods, namespace_, context_.env.clock.wall());
}

}  // namespace kubeloop::controller_manager
