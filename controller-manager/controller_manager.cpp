#include "controller-manager/controller_manager.hpp"

#include <fmt/core.h>

#include "controller-manager/registrations.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/leader_fence.hpp"
#include "libs/client/task_metrics.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr std::string_view kActor = "controller-manager";

client::ListOptions only_named(std::string_view name) {
  client::ListOptions options;
  options.field_selector = fmt::format("metadata.name={}", name);
  return options;
}

client::ListOptions in_namespace(std::string namespace_) {
  client::ListOptions options;
  options.namespace_ = std::move(namespace_);
  return options;
}

client::ClientIdentity identity(std::string actor) {
  client::ClientIdentity result;
  result.actor = std::move(actor);
  return result;
}

}  // namespace

Informers::Informers(const Env& env, const client::ApiClient& client)
    : nodes(env, client, api::kNodes, client::ListOptions()),
      pods(env, client, api::kPods, client::ListOptions()),
      node_leases(env, client, api::kLeases, in_namespace("kube-node-lease")),
      namespaces(env, client, api::kNamespaces, client::ListOptions()),
      default_service_accounts(env, client, api::kServiceAccounts, only_named("default")),
      root_ca_maps(env, client, api::kConfigMaps, only_named("kube-root-ca.crt")),
      replica_sets(env, client, api::kReplicaSets, client::ListOptions()),
      deployments(env, client, api::kDeployments, client::ListOptions()),
      jobs(env, client, api::kJobs, client::ListOptions()),
      services(env, client, api::kServices, client::ListOptions()),
      endpoint_slices(env, client, api::kEndpointSlices, client::ListOptions()),
      endpoints(env, client, api::kEndpoints, client::ListOptions()),
      disruption_budgets(env, client, api::kPodDisruptionBudgets, client::ListOptions()) {
  pods.add_handler([this](const auto& before, const auto& after, std::uint64_t) {
    pods_by_node.fold(before, after);
    owned_pods.fold(before, after);
  });
  replica_sets.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t) { owned_replica_sets.fold(before, after); });
}

void Informers::start(TaskGroup& tasks) {
  tasks.spawn("nodes", nodes.run());
  tasks.spawn("pods", pods.run());
  tasks.spawn("node leases", node_leases.run());
  tasks.spawn("namespaces", namespaces.run());
  tasks.spawn("service accounts", default_service_accounts.run());
  tasks.spawn("root ca maps", root_ca_maps.run());
  tasks.spawn("replica sets", replica_sets.run());
  tasks.spawn("deployments", deployments.run());
  tasks.spawn("jobs", jobs.run());
  tasks.spawn("services", services.run());
  tasks.spawn("endpoint slices", endpoint_slices.run());
  tasks.spawn("endpoints", endpoints.run());
  tasks.spawn("disruption budgets", disruption_budgets.run());
}

bool Informers::are_synced() const {
  return nodes.is_synced() && pods.is_synced() && node_leases.is_synced() && namespaces.is_synced() &&
         default_service_accounts.is_synced() && root_ca_maps.is_synced() && replica_sets.is_synced() &&
         deployments.is_synced() && jobs.is_synced() && services.is_synced() && endpoint_slices.is_synced() &&
         endpoints.is_synced() && disruption_budgets.is_synced();
}

struct ControllerManager::State {
  State(Env e, http::Transport& transport, Options o)
      : env(std::move(e)),
        options(std::move(o)),
        fence(transport, [this] { return !elector || elector->is_leading(); }),
        client(fence, identity(std::string(kActor))),
        tasks(env, TaskGroup::OnException::kEnd),
        informers(env, client) {
    for (const auto& registration : registrations()) {
      if (!is_enabled(registration.name, options.controllers)) continue;
      envs.push_back(std::make_unique<Env>(env.child(registration.actor)));
      auto named = client.as(identity(fmt::format("{}/{}", kActor, registration.actor)));
      ControllerContext context{*envs.back(), tasks, std::move(named), informers, options};
      controllers.emplace_back(registration.name, registration.make(std::move(context)));
    }
    if (!options.election) return;
    client::ApiClient unfenced(transport, identity(std::string(kActor)));
    elector.emplace(env.child("leader-election"), unfenced, *options.election);
  }

  void start() {
    informers.start(tasks);
    for (auto& [name, controller] : controllers) tasks.spawn(std::string(name), controller->run());
  }
  awaitable<void> lead() {
    co_await elector->acquire();
    start();
    co_await elector->hold(tasks);
  }

  Env env;
  Options options;
  client::LeaderFence fence;
  client::ApiClient client;
  TaskGroup tasks;
  Informers informers;
  std::vector<std::unique_ptr<Env>> envs;  // one per controller
  std::vector<std::pair<std::string_view, std::unique_ptr<Controller>>> controllers;
  std::optional<client::LeaderElector> elector;
};

ControllerManager::ControllerManager(Env env, http::Transport& transport, Options options)
    : state_(std::make_shared<State>(std::move(env), transport, std::move(options))) {}

ControllerManager::~ControllerManager() = default;

awaitable<void> ControllerManager::run() {
  auto state = state_;
  if (state->elector) {
    state->tasks.spawn("leader election", state->lead());
  } else {
    state->start();
  }
  co_await state->tasks.until_stopped();
}

awaitable<void> ControllerManager::stop() {
  auto state = state_;
  co_await state->tasks.stop_and_join();
  if (state->elector) co_await state->elector->stop();
}

bool ControllerManager::is_ready() const {
  return !is_leading() || state_->informers.are_synced();
}

bool ControllerManager::is_leading() const {
  return !state_->elector || state_->elector->is_leading();
}

std::string ControllerManager::metrics() const {
  std::string depth = "# TYPE workqueue_depth gauge\n";
  std::string adds = "# TYPE workqueue_adds_total counter\n";
  std::string retries = "# TYPE workqueue_retries_total counter\n";
  for (const auto& [controller_name, controller] : state_->controllers) {
    for (const auto& [name, queue] : controller->queues()) {
      auto counts = queue->counts();
      depth += fmt::format("workqueue_depth{{name=\"{}\"}} {}\n", name, queue->depth());
      adds += fmt::format("workqueue_adds_total{{name=\"{}\"}} {}\n", name, counts.adds);
      retries += fmt::format("workqueue_retries_total{{name=\"{}\"}} {}\n", name, counts.retries);
    }
  }
  std::string election = state_->elector ? state_->elector->metrics() : "";
  return depth + adds + retries + client::task_failures_text(state_->tasks) + election;
}

}  // namespace kubeloop::controller_manager
