#include "controller-manager/controllers/garbage-collector/monitors.hpp"

#include <algorithm>

#include "libs/base/cancellable.hpp"

namespace kubeloop::controller_manager {
namespace {

bool is_collectable(const ServedKind& kind) {
  bool is_event = kind.plural == "events" && (kind.group.empty() || kind.group == "events.k8s.io");
  return kind.is_preferred && !is_event && kind.can("delete") && kind.can("list") && kind.can("watch");
}

client::ListOptions metadata_of(std::string field_selector) {
  client::ListOptions options;
  options.field_selector = std::move(field_selector);
  options.metadata_only = true;
  return options;
}

}  // namespace

struct Monitors::Monitor {
  Monitor(const Env& env, const client::ApiClient& client, ServedKind k, std::string field_selector)
      : kind(std::move(k)),
        informer(env, client, kind.resource(), metadata_of(std::move(field_selector))),
        gate(std::make_shared<CancelGate>()) {}

  ServedKind kind;  // the informer's address points into it
  client::Informer<api::AnyObject> informer;
  std::shared_ptr<CancelGate> gate;
};

Monitors::Monitors(const ControllerContext& context, Fold fold) : context_(context), fold_(std::move(fold)) {
  auto& shared = context.informers;
  share(shared.nodes, api::kNodes);
  share(shared.pods, api::kPods);
  share(shared.namespaces, api::kNamespaces);
  share(shared.replica_sets, api::kReplicaSets);
  share(shared.deployments, api::kDeployments);
  share(shared.jobs, api::kJobs);
  share(shared.services, api::kServices);
  share(shared.endpoint_slices, api::kEndpointSlices);
  share(shared.endpoints, api::kEndpoints);
  share(shared.disruption_budgets, api::kPodDisruptionBudgets);
  // A thousand nodes renew theirs every few seconds: once is enough.
  share(shared.node_leases, api::kLeases, "metadata.namespace!=kube-node-lease");
}

template <class T>
void Monitors::share(client::Informer<T>& informer, const api::Resource& resource, std::string other_selector) {
  informer.add_handler([this, api_version = resource.api_version(), kind = resource.kind](
                           const auto& before, const auto& after, std::uint64_t revision) {
    fold_(api_version, kind, before ? &before->metadata : nullptr, after ? &after->metadata : nullptr, revision);
  });
  Shared entry;
  entry.is_synced = [&informer] { return informer.is_synced(); };
  entry.other_selector = std::move(other_selector);
  Key key(resource.group, resource.plural, resource.version);
  shared_.emplace(std::move(key), std::move(entry));
}

void Monitors::follow(const ServedKinds& kinds) {
  std::map<Key, const ServedKind*> wanted;
  for (const auto& kind : kinds.all) {
    if (is_collectable(kind)) wanted.emplace(Key(kind.group, kind.plural, kind.version), &kind);
  }
  std::erase_if(monitors_, [&](auto& entry) {
    bool is_unknown = std::ranges::binary_search(kinds.failed, entry.second->kind.api_version());
    if (wanted.contains(entry.first) || is_unknown) return false;
    entry.second->gate->cancel();
    return true;
  });
  for (const auto& [key, kind] : wanted) {
    auto shared = shared_.find(key);
    bool is_shared = shared != shared_.end();
    if (is_shared) shared->second.is_served = true;
    bool is_delivered = is_shared && shared->second.other_selector.empty();
    if (!is_delivered && !monitors_.contains(key)) start(key, *kind);
  }
}

void Monitors::start(const Key& key, const ServedKind& kind) {
  auto shared = shared_.find(key);
  auto selector = shared == shared_.end() ? std::string() : shared->second.other_selector;
  auto monitor = std::make_shared<Monitor>(context_.env, context_.client, kind, std::move(selector));
  monitor->informer.add_handler([this, api_version = kind.api_version(), name = kind.kind](
                                    const auto& before, const auto& after, std::uint64_t revision) {
    fold_(api_version, name, before ? &before->metadata : nullptr, after ? &after->metadata : nullptr, revision);
  });
  monitors_.emplace(key, monitor);
  context_.tasks.spawn("garbage collector: " + kind.group_resource(), run(monitor, context_.env.executor));
}

awaitable<bool> Monitors::run_informer(std::shared_ptr<Monitor> monitor) {
  co_await monitor->informer.run();
  co_return true;
}

awaitable<void> Monitors::run(std::shared_ptr<Monitor> monitor, asio::any_io_executor executor) {
  co_await run_cancellable(executor, run_informer(monitor), monitor->gate);
}

bool Monitors::are_synced() const {
  bool are_shared = std::ranges::all_of(
      shared_, [](const auto& entry) { return !entry.second.is_served || entry.second.is_synced(); });
  return are_shared &&
         std::ranges::all_of(monitors_, [](const auto& entry) { return entry.second->informer.is_synced(); });
}

}  // namespace kubeloop::controller_manager
