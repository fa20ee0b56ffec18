#include "controller-manager/controller_manager.hpp"

#include <fmt/core.h>

#include "controller-manager/registrations.hpp"
#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"

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
      root_ca_maps(env, client, api::kConfigMaps, only_named("kube-root-ca.crt")) {
  client::Informer<api::Pod>::Handler index;
  index.on_change = [this](const auto& before, const auto& after, std::uint64_t) { pods_by_node.fold(before, after); };
  pods.add_handler(std::move(index));
}

void Informers::start(TaskGroup& tasks) {
  tasks.spawn("nodes", nodes.run());
  tasks.spawn("pods", pods.run());
  tasks.spawn("node leases", node_leases.run());
  tasks.spawn("namespaces", namespaces.run());
  tasks.spawn("service accounts", default_service_accounts.run());
  tasks.spawn("root ca maps", root_ca_maps.run());
}

struct ControllerManager::State {
  State(Env e, http::Transport& transport, Options o)
      : env(std::move(e)),
        options(std::move(o)),
        client(transport, identity(std::string(kActor))),
        tasks(env),
        informers(env, client) {
    for (const auto& registration : registrations()) {
      if (!is_enabled(registration.name, options.controllers)) continue;
      envs.push_back(std::make_unique<Env>(env.child(registration.actor)));
      auto named = client.as(identity(fmt::format("{}/{}", kActor, registration.actor)));
      ControllerContext context{*envs.back(), tasks, std::move(named), informers, options};
      controllers.emplace_back(registration.name, registration.make(std::move(context)));
    }
  }

  Env env;
  Options options;
  client::ApiClient client;
  TaskGroup tasks;
  Informers informers;
  std::vector<std::unique_ptr<Env>> envs;  // one per controller
  std::vector<std::pair<std::string_view, std::unique_ptr<Controller>>> controllers;
  bool is_stopped = false;
  Signal stopped;
};

ControllerManager::ControllerManager(Env env, http::Transport& transport, Options options)
    : state_(std::make_shared<State>(std::move(env), transport, std::move(options))) {}

ControllerManager::~ControllerManager() = default;

awaitable<void> ControllerManager::run() {
  auto state = state_;
  state->informers.start(state->tasks);
  for (auto& [name, controller] : state->controllers) state->tasks.spawn(std::string(name), controller->run());
  while (!state->is_stopped) co_await state->stopped.wait();
}

awaitable<void> ControllerManager::stop() {
  auto state = state_;
  state->is_stopped = true;
  state->stopped.notify();
  co_await state->tasks.stop_and_join();
}

bool ControllerManager::is_ready() const {
  const auto& informers = state_->informers;
  return informers.nodes.is_synced() && informers.pods.is_synced() && informers.node_leases.is_synced() &&
         informers.namespaces.is_synced() && informers.default_service_accounts.is_synced() &&
         informers.root_ca_maps.is_synced();
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
  return depth + adds + retries;
}

}  // namespace kubeloop::controller_manager
