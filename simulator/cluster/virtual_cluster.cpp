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
#include "simulator/cluster/counting_executor.hpp"
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

// What KillPlan calls a write.
bool is_counted_write(const http::Request& request) {
  if (request.method == "GET") return false;
  for (const char* noise : {"/events", "/leases", "/kubeloop/"}) {
    if (request.target.find(noise) != std::string::npos) return false;
  }
  return true;
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

  State(Env e, VirtualClusterOptions o) : env(std::move(e)), options(o), store(env), tasks(env), watching(env) {}

  Env env;
  VirtualClusterOptions options;
  apiserver::MemoryStore store;
  std::unique_ptr<apiserver::Hub> hub;
  std::unique_ptr<http::DirectTransport> admin;
  std::map<std::string, std::unique_ptr<Life>> lives;
  std::map<std::string, int> incarnations;
  std::map<std::string, int> writes;           // of the first lives
  std::map<std::string, std::uint64_t> steps;  // of the first lives
  std::function<void()> on_step;               // of the component that is to be killed, in its first life
  bool is_stopping = false;
  StoredObjects stored_objects;
  // What a dead component had sent still arrives.
  std::vector<std::unique_ptr<http::DirectTransport>> dead_transports;
  TaskGroup tasks;     // killings under way
  TaskGroup watching;  // over the hub
  Signal deaths;
  std::map<std::string, std::string> ends;  // components that ended by themselves, and why
  std::string defect;

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
    watching.spawn(name, watch_hub(hub->until_stopped()));
    auto started = co_await hub->start();
    co_return started;
  }

  awaitable<void> watch_hub(awaitable<void> running) {
    try {
      co_await std::move(running);
    } catch (const std::exception& e) {
      note_defect(std::string("apiserver failed: ") + e.what());
    }
  }

  void note_defect(std::string text) {
    if (defect.empty()) defect = std::move(text);
  }

  // One life from its beginning to its end. One that ends by itself is dead, like a process that exits.
  awaitable<void> live(std::string name, awaitable<void> running) {
    std::string reason;
    try {
      co_await std::move(running);
      co_return;
    } catch (const client::LeadershipLost& e) {
      reason = e.what();
    } catch (const boost::system::system_error& e) {
      if (e.code() == asio::error::operation_aborted) throw;
      note_defect(name + " failed: " + e.what());
      reason = e.what();
    } catch (const std::exception& e) {
      note_defect(name + " failed: " + e.what());
      reason = e.what();
    }
    ends[name] = reason;
    tasks.spawn("end of " + name, end_life(name, false));
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
    if (incarnations[name] == 1 && options.kill && options.kill->component == name) count_steps(name, base);
    auto life = std::make_unique<Life>(base, handler(), name, options.latency,
                                       [this, name] { tasks.spawn("kill " + name, kill(name)); });
    if (incarnations[name] == 1) count_writes(name, *life);
    if (options.throws_at.starts_with(name + "/")) {
      life->faults.arm_exception(options.throws_at.substr(name.size() + 1));
    }
    if (name == "scheduler" && options.hold_first_binding && incarnations[name] == 1) hold_first_binding(*life);
    Env own(base.executor, base.clock, base.rng, base.log, life->faults);
    if (name == "scheduler") {
      scheduler::SchedulerOptions chosen;
      chosen.election = scheduler::default_election();
      chosen.election->identity = client::make_identity(name, base.rng.fork("identity"));
      life->scheduler = std::make_unique<scheduler::Scheduler>(std::move(own), *life->transport, std::move(chosen));
      life->tasks.spawn(name, live(name, life->scheduler->run()));
    } else if (name == "controller-manager") {
      controller_manager::Options chosen;
      chosen.election = controller_manager::default_election();
      chosen.election->identity = client::make_identity(name, base.rng.fork("identity"));
      life->controller_manager =
          std::make_unique<controller_manager::ControllerManager>(std::move(own), *life->transport, std::move(chosen));
      life->tasks.spawn(name, live(name, life->controller_manager->run()));
    } else {
      life->kubelet_sim = std::make_unique<kubelet_sim::KubeletSim>(std::move(own), *life->transport,
                                                                    kubelet_sim::Options::with_nodes(options.nodes));
      life->tasks.spawn(name, live(name, life->kubelet_sim->run()));
    }
    lives[name] = std::move(life);
    ends.erase(name);
  }

  // Counts what the coroutines of a first life do, and ends it where the plan says.
  void count_steps(const std::string& name, Env& base) {
    on_step = [this, name] {
      if (++steps[name] != options.kill->step || !lives.contains(name)) return;
      lives[name]->transport->cut();  // it may still run until its killing does, but nobody hears of it
      tasks.spawn("kill " + name, kill_for_a_while(name));
    };
    base.executor = CountingExecutor(base.executor, &on_step);
  }

  // Counts the writes of a first life, and ends it where the plan says.
  void count_writes(const std::string& name, Life& life) {
    auto* plan = options.kill && options.kill->component == name ? &*options.kill : nullptr;
    auto is_the_one = [this, name, plan](const http::Request& request) {
      if (!is_counted_write(request)) return false;
      int number = ++writes[name];
      return plan && number == plan->write;
    };
    auto die = [this, name] { tasks.spawn("kill " + name, kill_for_a_while(name)); };
    if (plan && !plan->is_committed) {
      life.transport->lose_next(is_the_one, die);
    } else {
      life.transport->hold_next(is_the_one, Duration::zero(), die);
    }
  }

  awaitable<void> kill_for_a_while(std::string name) {
    co_await kill(name);
    co_await sleep_for(env, options.kill->pause);
    if (!is_stopping) start_life(name);
  }

  void hold_first_binding(Life& life) {
    auto is_binding = [](const http::Request& request) {
      return request.method == "POST" && request.target.ends_with("/binding");
    };
    auto die = [this] { tasks.spawn("kill scheduler", kill("scheduler")); };
    life.transport->hold_next(is_binding, *options.hold_first_binding, die);
  }

  // SIGKILL: nothing of its end reaches the hub.
  awaitable<void> kill(std::string name) { return end_life(std::move(name), true); }

  awaitable<void> end_life(std::string name, bool is_cut_off) {
    auto it = lives.find(name);
    if (it == lives.end()) co_return;
    auto life = std::move(it->second);
    lives.erase(it);
    if (is_cut_off) life->transport->cut();
    if (life->scheduler) co_await life->scheduler->stop();
    if (life->controller_manager) co_await life->controller_manager->stop();
    if (life->kubelet_sim) co_await life->kubelet_sim->stop();
    life->tasks.stop();
    co_await life->tasks.join();
    life->transport->cut();
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
  state->is_stopping = true;
  for (const char* name : {"kubelet-sim", "scheduler", "controller-manager"}) co_await state->kill(name);
  if (state->hub) co_await state->kill_hub();
  co_await state->tasks.join();  // killings under way come to their end
  co_await state->watching.join();
  state->dead_transports.clear();
}

std::string VirtualCluster::ended() const {
  std::string text;
  for (const auto& [name, reason] : state_->ends) text += (text.empty() ? "" : ", ") + name + ": " + reason;
  return text;
}

const std::string& VirtualCluster::defect() const {
  return state_->defect;
}

scheduler::Scheduler* VirtualCluster::scheduler() {
  auto it = state_->lives.find("scheduler");
  return it == state_->lives.end() ? nullptr : it->second->scheduler.get();
}

kubelet_sim::KubeletSim* VirtualCluster::kubelet_sim() {
  auto it = state_->lives.find("kubelet-sim");
  return it == state_->lives.end() ? nullptr : it->second->kubelet_sim.get();
}

awaitable<Result<void>> VirtualCluster::read_store() {
  constexpr std::size_t kPage = 10'000;
  auto& store = state_->store;
  auto base = co_await store.base();
  if (!base) co_return std::unexpected(base.error());
  StoredObjects objects;
  for (auto& change : base->changes) objects[change.key] = change.value;
  apiserver::Revision revision = base->revision;
  while (revision < store.current()) {
    auto changes = co_await store.changes_after(revision, kPage);
    if (!changes) co_return std::unexpected(changes.error());
    for (auto& change : *changes) {
      revision = change.revision;
      if (change.kind == apiserver::Change::Kind::kPut) {
        objects[change.key] = change.value;
      } else {
        objects.erase(change.key);
      }
    }
  }
  state_->stored_objects = std::move(objects);
  co_return Result<void>();
}

const VirtualCluster::StoredObjects& VirtualCluster::stored_objects() const {
  return state_->stored_objects;
}

std::uint64_t VirtualCluster::steps_of(const std::string& component) const {
  auto it = state_->steps.find(component);
  return it == state_->steps.end() ? 0 : it->second;
}

int VirtualCluster::writes_of(const std::string& component) const {
  auto it = state_->writes.find(component);
  return it == state_->writes.end() ? 0 : it->second;
}

bool VirtualCluster::is_alive(const std::string& component) const {
  return state_->is_alive(component);
}

}  // namespace kubeloop::simulator
