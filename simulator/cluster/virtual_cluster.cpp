#include "simulator/cluster/virtual_cluster.hpp"

#include <algorithm>

#include "controller-manager/controller_manager.hpp"
#include "kubelet-sim/kubelet_sim.hpp"
#include "libs/http/wire_transport.hpp"
#include "scheduler/scheduler.hpp"
#include "simulator/cluster/component_flags.hpp"
#include "simulator/cluster/cost_table.hpp"
#include "simulator/cluster/virtual_cluster_state.hpp"
#include "simulator/observe/observed_transport.hpp"

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

// A link whose traffic is told to the observer.
class ObservedLink final : public http::CuttableTransport {
 public:
  ObservedLink(std::unique_ptr<http::CuttableTransport> link, Observer& observer, const Clock& clock,
               std::uint64_t& last_stream)
      : link_(std::move(link)), observed_(*link_, observer, clock, last_stream) {}

  awaitable<Result<http::Response>> send(http::Request request) override { return observed_.send(std::move(request)); }
  void cut() override { link_->cut(); }
  void restore() override { link_->restore(); }

 private:
  std::unique_ptr<http::CuttableTransport> link_;
  ObservedTransport observed_;
};

}  // namespace

VirtualCluster::State::State(SimLoop& l, Env e, VirtualClusterOptions o)
    : loop(l),
      env(std::move(e)),
      options(std::move(o)),
      has_faults(options.has_faults || options.kill || options.hold_first_binding),
      storage(env, options.medium, options.observer, [this] { on_power_cut(); }),
      aside(loop.aside_executor(), env.clock, env.rng.fork("onlooker"), env.log, env.faults),
      onlooker(aside.child("transport"), handler(), peer_of("admin"), Duration::zero()),
      tasks(env),
      watching(env) {}

awaitable<http::Response> VirtualCluster::State::handle(http::Request request) {
  while (is_hub_frozen) co_await hub_thawed.wait();
  if (!hub) co_return http::Response(503, "text/plain", "the API server is down");
  co_return co_await hub->handle(std::move(request));
}

http::Handler VirtualCluster::State::handler() {
  return [this](http::Request request) { return handle(std::move(request)); };
}

std::unique_ptr<http::CuttableTransport> VirtualCluster::State::connect(const std::string& name, const Env& network) {
  std::unique_ptr<http::CuttableTransport> transport;
  if (options.fidelity == Fidelity::kWire) {
    transport = std::make_unique<http::WireTransport>(network.child("transport"), handler(), peer_of(name));
  } else {
    transport = std::make_unique<http::DirectTransport>(network.child("transport"), handler(), peer_of(name),
                                                        name == "admin" ? Duration::zero() : options.latency);
  }
  if (!options.observer) return transport;
  return std::make_unique<ObservedLink>(std::move(transport), *options.observer, env.clock, last_stream);
}

awaitable<Result<void>> VirtualCluster::State::start_hub() {
  while (is_hub_dying) co_await deaths.wait();
  if (hub) co_return Result<void>();  // somebody was faster
  apiserver::HubOptions hub_options;
  hub_options.store_name = options.medium == Medium::kSqlite ? "SQLite" : "memory";
  hub_options.stage_costs = stage_costs();
  apply_flags(options.flags_of("apiserver"), hub_options);
  std::string name = "apiserver" + std::to_string(++incarnations["apiserver"]);
  auto opened = storage.open();
  if (!opened) co_return failure(opened.error());
  store = std::move(*opened);
  if (incarnations["apiserver"] > 1 && options.observer) {
    options.observer->hub_restarted(store->current(), env.clock.now());
  }
  hub = std::make_unique<apiserver::Hub>(env.child(name), *store, hub_options);
  watching.spawn(name, watch_hub(hub->until_stopped()));
  auto started = co_await hub->start();
  co_return started;
}

awaitable<void> VirtualCluster::State::watch_hub(awaitable<void> running) {
  try {
    co_await std::move(running);
  } catch (const std::exception& e) {
    note_defect(std::string("apiserver failed: ") + e.what());
  }
}

awaitable<void> VirtualCluster::State::kill_hub() {
  is_hub_dying = true;
  // Whoever is connected sees its connection break.
  for (auto& [name, life] : lives) life->remains.transport->cut();
  admin->cut();
  onlooker.cut();
  is_hub_frozen = false;
  hub_thawed.notify();
  auto dying = std::move(hub);
  co_await dying->stop();
  dying.reset();
  storage.crash();
  store.reset();
  is_hub_dying = false;
  for (auto& [name, life] : lives) life->remains.transport->restore();
  admin->restore();
  onlooker.restore();
  deaths.notify();
}

// The machine is off between one moment and the next: nobody is answered any more.
void VirtualCluster::State::on_power_cut() {
  for (auto& [name, life] : lives) life->remains.transport->cut();
  admin->cut();
  onlooker.cut();
  tasks.spawn("power cut", kill_for_a_while("apiserver", orders["apiserver"].pause));
}

awaitable<void> VirtualCluster::State::live(std::string name, awaitable<void> running) {
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
  if (options.restarts_dead) tasks.spawn("restart of " + name, revive(name));
}

void VirtualCluster::State::start_life(const std::string& name) {
  std::string incarnation = name + std::to_string(++incarnations[name]);
  Env network = env.child(incarnation);
  LifeRemains own;
  if (has_faults) {
    own.gate = std::make_unique<ComponentGate>(loop);
    if (skews.contains(name)) own.gate->set_skew(skews[name]);
  }
  Env base = own.gate ? Env(own.gate->executor(), *own.gate, network.rng, network.log, network.faults)
                      : Env(network.executor, network.clock, network.rng, network.log, network.faults);
  own.transport = connect(name, network);
  if (has_faults) {
    // What arrives late is still its sender's.
    http::Handler late = [this, name](http::Request request) {
      request.peer = peer_of(name);
      return handle(std::move(request));
    };
    own.transport = std::make_unique<FaultyTransport>(base, std::move(own.transport), std::move(late), table_of(name));
  }
  auto on_reach = [this, name] { tasks.spawn("kill " + name, kill(name)); };
  auto life = std::make_unique<VirtualLife>(base, std::move(own), on_reach);
  orders.erase(name);
  if (has_faults) {
    watch_turns(name, *life);
    watch_writes(name, *life);
  }
  if (options.throws_at.starts_with(name + "/")) {
    life->faults.arm_exception(options.throws_at.substr(name.size() + 1));
  }
  auto running = life->make(name, base, options, added_nodes, held_stopped);
  life->tasks.spawn(name, live(name, std::move(running)));
  lives[name] = std::move(life);
  ends.erase(name);
}

awaitable<void> VirtualCluster::State::end_life(std::string name, bool is_cut_off) {
  auto it = lives.find(name);
  if (it == lives.end()) co_return;
  auto life = std::move(it->second);
  lives.erase(it);
  orders.erase(name);
  if (is_cut_off) life->remains.transport->cut();
  if (life->remains.gate) life->remains.gate->thaw();  // to come to its end
  co_await life->end();
  remains.push_back(std::move(life->remains));
  life.reset();
  deaths.notify();
}

VirtualCluster::VirtualCluster(SimLoop& loop, Env env, VirtualClusterOptions options)
    : state_(std::make_shared<State>(loop, std::move(env), std::move(options))) {
  state_->admin = state_->connect("admin", state_->env.child("admin"));
}

VirtualCluster::~VirtualCluster() = default;

awaitable<Result<void>> VirtualCluster::start() {
  auto started = co_await state_->start_hub();
  if (!started) co_return started;
  for (const char* name : {"scheduler", "controller-manager", "kubelet-sim"}) {
    if (state_->options.is_off(name)) {
      state_->held_dead.insert(name);
    } else {
      state_->start_life(name);
    }
  }
  co_return Result<void>();
}

http::Transport& VirtualCluster::admin() {
  return *state_->admin;
}

http::Transport& VirtualCluster::onlooker() {
  return state_->onlooker;
}

awaitable<Result<void>> VirtualCluster::start_node(std::string name) {
  auto* kubelets = kubelet_sim();
  if (!kubelets) co_return failure(503, "ServiceUnavailable", "kubelet-sim is dead: it plays no node");
  auto known = kubelets->node_names();
  state_->held_stopped.erase(name);
  if (std::ranges::find(known, name) != known.end()) co_return kubelets->start_node(name);
  auto added = kubelets->add_node(name);
  if (added) state_->added_nodes.push_back(name);
  co_return added;
}

awaitable<Result<void>> VirtualCluster::stop_node(std::string name) {
  auto* kubelets = kubelet_sim();
  if (!kubelets) co_return failure(503, "ServiceUnavailable", "kubelet-sim is dead: it plays no node");
  auto stopped = kubelets->stop_node(name);
  if (stopped) state_->held_stopped.insert(name);
  co_return stopped;
}

awaitable<Result<void>> VirtualCluster::kill_component(std::string name, std::string place) {
  state_->held_dead.insert(name);
  if (!state_->is_alive(name)) {
    if (state_->options.restarts_dead) co_return Result<void>();  // a fault was faster
    co_return failure(409, "Conflict", name + " is dead already");
  }
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
  state_->held_dead.erase(name);
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
  state->hub_thawed.notify();
  for (const char* name : {"kubelet-sim", "scheduler", "controller-manager"}) co_await state->kill(name);
  if (state->hub) co_await state->kill_hub();
  co_await state->tasks.join();  // killings under way come to their end
  co_await state->watching.join();
  for (auto& life : state->remains) life.transport.reset();  // gates stay as long as a task may be due
}

std::string VirtualCluster::ended() const {
  std::string text;
  for (const auto& [name, reason] : state_->ends) text += (text.empty() ? "" : ", ") + name + ": " + reason;
  return text;
}

std::string VirtualCluster::store_name() const {
  return state_->options.medium == Medium::kSqlite ? "SQLite" : "memory";
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

Result<void> VirtualCluster::read_store() {
  auto objects = state_->storage.read_all();
  if (!objects) return failure(objects.error());
  state_->stored_objects = std::move(*objects);
  return {};
}

const StoredObjects& VirtualCluster::stored_objects() const {
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
