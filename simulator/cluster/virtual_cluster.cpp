#include "simulator/cluster/virtual_cluster.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "apiserver/storage/memory_store.hpp"
#include "controller-manager/controller_manager.hpp"
#include "kubelet-sim/kubelet_sim.hpp"
#include "libs/base/task_group.hpp"
#include "scheduler/scheduler.hpp"
#include "simulator/cluster/cost_table.hpp"
#include "simulator/cluster/sim_faults.hpp"

namespace kubeloop::simulator {
namespace {

// How long start_component waits for a component that was told to die at some place.
constexpr Duration kDeathWait = std::chrono::minutes(2);

http::Peer peer_of(const std::string& name) {
  static const std::map<std::string, std::string> kUsers = {{"scheduler", "system:kube-scheduler"},
                                                            {"controller-manager", "system:kube-controller-manager"},
                                                            {"kubelet-sim", "system:kubeloop:kubelet-sim"}};
  http::Peer peer;
  peer.address = name;
  auto it = kUsers.find(name);
  peer.common_name = it == kUsers.end() ? "kubernetes-admin" : it->second;
  if (it == kUsers.end()) peer.organizations = {"system:masters"};
  return peer;
}

}  // namespace

struct VirtualCluster::State {
  // One life of one component.
  struct Life {
    Life(const Env& env, http::Handler handler, const std::string& name, Duration latency,
         std::function<void()> on_reach)
        : faults(std::move(on_reach)),
          transport(std::make_unique<http::DirectTransport>(env.child("transport"), std::move(handler), peer_of(name),
                                                            latency)),
          tasks(env) {}
    SimFaults faults;
    std::unique_ptr<http::DirectTransport> transport;
    TaskGroup tasks;
    std::unique_ptr<scheduler::Scheduler> scheduler;
    std::unique_ptr<controller_manager::ControllerManager> controller_manager;
    std::unique_ptr<kubelet_sim::KubeletSim> kubelet_sim;
  };

  State(Env e, VirtualClusterOptions o) : env(std::move(e)), options(o), store(env), tasks(env), deaths() {}

  Env env;
  VirtualClusterOptions options;
  apiserver::MemoryStore store;
  std::unique_ptr<apiserver::Hub> hub;
  std::unique_ptr<http::DirectTransport> admin;
  std::map<std::string, std::unique_ptr<Life>> lives;
  std::map<std::string, int> incarnations;
  // What a dead component had sent still arrives.
  std::vector<std::unique_ptr<http::DirectTransport>> dead_transports;
  TaskGroup tasks;  // killings under way
  Signal deaths;

  awaitable<http::Response> handle(http::Request request) {
    if (!hub) co_return http::Response(503, "text/plain", "the API server is down");
    co_return co_await hub->handle(std::move(request));
  }

  http::Handler handler() {
    return [this](http::Request request) { return handle(std::move(request)); };
  }

  awaitable<Result<void>> start_hub() {
    apiserver::HubOptions hub_options;
    hub_options.store_name = "memory";
    hub_options.stage_costs = stage_costs();
    hub_options.skip_already_assigned_check = options.skips_already_assigned_check;
    std::string name = "apiserver" + std::to_string(++incarnations["apiserver"]);
    hub = std::make_unique<apiserver::Hub>(env.child(name), store, hub_options);
    auto started = co_await hub->start();
    co_return started;
  }

  awaitable<void> kill_hub() {
    // Whoever is connected sees its connection break.
    for (auto& [name, life] : lives) life->transport->cut();
    admin->cut();
    co_await hub->stop();
    hub.reset();
    for (auto& [name, life] : lives) life->transport->restore();
    admin->restore();
    deaths.notify();
  }

  void start_life(const std::string& name) {
    std::string incarnation = name + std::to_string(++incarnations[name]);
    Env base = env.child(incarnation);
    auto life = std::make_unique<Life>(base, handler(), name, options.latency,
                                       [this, name] { tasks.spawn("kill " + name, kill(name)); });
    if (name == "scheduler" && options.hold_first_binding && incarnations[name] == 1) hold_first_binding(*life);
    Env own(base.executor, base.clock, base.rng, base.log, life->faults);
    if (name == "scheduler") {
      life->scheduler =
          std::make_unique<scheduler::Scheduler>(std::move(own), *life->transport, scheduler::SchedulerOptions());
      life->tasks.spawn(name, life->scheduler->run());
    } else if (name == "controller-manager") {
      life->controller_manager = std::make_unique<controller_manager::ControllerManager>(
          std::move(own), *life->transport, controller_manager::Options());
      life->tasks.spawn(name, life->controller_manager->run());
    } else {
      life->kubelet_sim = std::make_unique<kubelet_sim::KubeletSim>(std::move(own), *life->transport,
                                                                    kubelet_sim::Options::with_nodes(options.nodes));
      life->tasks.spawn(name, life->kubelet_sim->run());
    }
    lives[name] = std::move(life);
  }

  void hold_first_binding(Life& life) {
    auto is_binding = [](const http::Request& request) {
      return request.method == "POST" && request.target.ends_with("/binding");
    };
    auto die = [this] { tasks.spawn("kill scheduler", kill("scheduler")); };
    life.transport->hold_next(is_binding, *options.hold_first_binding, die);
  }

  awaitable<void> kill(std::string name) {
    auto it = lives.find(name);
    if (it == lives.end()) co_return;
    auto life = std::move(it->second);
    lives.erase(it);
    life->transport->cut();
    if (life->scheduler) co_await life->scheduler->stop();
    if (life->controller_manager) co_await life->controller_manager->stop();
    if (life->kubelet_sim) co_await life->kubelet_sim->stop();
    life->tasks.stop();
    co_await life->tasks.join();
    dead_transports.push_back(std::move(life->transport));
    life.reset();
    deaths.notify();
  }

  bool is_alive(const std::string& name) const { return name == "apiserver" ? hub != nullptr : lives.contains(name); }
};

VirtualCluster::VirtualCluster(Env env, VirtualClusterOptions options)
    : state_(std::make_shared<State>(std::move(env), options)) {
  state_->admin = std::make_unique<http::DirectTransport>(state_->env.child("admin"), state_->handler(),
                                                          peer_of("admin"), Duration::zero());
}

VirtualCluster::~VirtualCluster() = default;

awaitable<Result<void>> VirtualCluster::start() {
  auto started = co_await state_->start_hub();
  if (!started) co_return started;
  for (const char* name : {"scheduler", "controller-manager", "kubelet-sim"}) state_->start_life(name);
  co_return Result<void>();
}

http::Transport& VirtualCluster::admin() {
  return *state_->admin;
}

awaitable<Result<void>> VirtualCluster::start_node(std::string name) {
  auto* kubelets = kubelet_sim();
  if (!kubelets) co_return failure(503, "ServiceUnavailable", "kubelet-sim is dead: it plays no node");
  auto known = kubelets->node_names();
  if (std::ranges::find(known, name) == known.end()) co_return kubelets->add_node(name);
  co_return kubelets->start_node(name);
}

awaitable<Result<void>> VirtualCluster::stop_node(std::string name) {
  auto* kubelets = kubelet_sim();
  if (!kubelets) co_return failure(503, "ServiceUnavailable", "kubelet-sim is dead: it plays no node");
  co_return kubelets->stop_node(name);
}

awaitable<Result<void>> VirtualCluster::kill_component(std::string name, std::string place) {
  if (!state_->is_alive(name)) co_return failure(409, "Conflict", name + " is dead already");
  if (name == "apiserver") {
    co_await state_->kill_hub();
    co_return Result<void>();
  }
  if (!place.empty()) {
    state_->lives.at(name)->faults.arm(place);
    co_return Result<void>();
  }
  co_await state_->kill(name);
  co_return Result<void>();
}

awaitable<Result<void>> VirtualCluster::start_component(std::string name) {
  Instant deadline = state_->env.clock.now() + kDeathWait;
  while (state_->is_alive(name)) {
    bool is_armed = name != "apiserver" && state_->lives.at(name)->faults.is_armed();
    if (!is_armed && state_->tasks.live() == 0) co_return failure(409, "Conflict", name + " is alive");
    bool is_in_time = co_await state_->deaths.wait_until(state_->env, deadline);
    if (!is_in_time) co_return failure(504, "Timeout", name + " never came to the place where it was to die");
  }
  if (name == "apiserver") {
    auto started = co_await state_->start_hub();
    co_return started;
  }
  state_->start_life(name);
  co_return Result<void>();
}

awaitable<void> VirtualCluster::stop() {
  auto state = state_;
  for (const char* name : {"kubelet-sim", "scheduler", "controller-manager"}) co_await state->kill(name);
  if (state->hub) co_await state->kill_hub();
  co_await state->tasks.join();  // killings under way come to their end
  state->dead_transports.clear();
}

scheduler::Scheduler* VirtualCluster::scheduler() {
  auto it = state_->lives.find("scheduler");
  return it == state_->lives.end() ? nullptr : it->second->scheduler.get();
}

kubelet_sim::KubeletSim* VirtualCluster::kubelet_sim() {
  auto it = state_->lives.find("kubelet-sim");
  return it == state_->lives.end() ? nullptr : it->second->kubelet_sim.get();
}

bool VirtualCluster::is_alive(const std::string& component) const {
  return state_->is_alive(component);
}

}  // namespace kubeloop::simulator
