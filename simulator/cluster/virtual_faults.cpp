// How the virtual cluster begins and ends faults.
#include <algorithm>

#include "kubelet-sim/kubelet_sim.hpp"
#include "simulator/cluster/virtual_cluster_state.hpp"

namespace kubeloop::simulator {
namespace {

// How long a component stays dead when a fault does not say.
constexpr Duration kUsualPause = std::chrono::seconds(1);

// What KillPlan calls a write.
bool is_counted_write(const http::Request& request) {
  if (request.method == "GET") return false;
  for (const char* noise : {"/events", "/leases", "/kubeloop/"}) {
    if (request.target.find(noise) != std::string::npos) return false;
  }
  return true;
}

bool is_binding(const http::Request& request) {
  return request.method == "POST" && request.target.ends_with("/binding");
}

Status no_such(const std::string& what, const std::string& name) {
  return Status(404, "NotFound", "the cluster has no " + what + " \"" + name + "\"");
}

}  // namespace

FaultTable& VirtualCluster::State::table_of(const std::string& component) {
  return tables[component];
}

// Counts the writes of a life, and ends it where its order says.
void VirtualCluster::State::watch_writes(const std::string& name, VirtualLife& life) {
  bool is_first = incarnations[name] == 1;
  if (is_first && options.kill && options.kill->component == name) {
    orders[name].write = static_cast<std::uint64_t>(options.kill->write);
    orders[name].step = options.kill->step;
    orders[name].is_committed = options.kill->is_committed;
    orders[name].pause = options.kill->pause;
  }
  bool holds_binding = is_first && name == "scheduler" && options.hold_first_binding;
  auto* transport = life.faulty_transport();
  auto look = [this, name, is_first, holds_binding, is_held = false](const http::Request& request) mutable {
    using Interception = FaultyTransport::Interception;
    if (holds_binding && !is_held && is_binding(request)) {
      is_held = true;
      tasks.spawn("kill " + name, kill(name));
      return Interception::kHold;
    }
    if (!is_counted_write(request)) return Interception::kPass;
    if (is_first) ++writes[name];
    auto order = orders.find(name);
    if (order == orders.end() || order->second.write == 0 || --order->second.write > 0) return Interception::kPass;
    bool is_committed = order->second.is_committed;
    tasks.spawn("kill " + name, kill_for_a_while(name, order->second.pause));
    return is_committed ? Interception::kHold : Interception::kLose;
  };
  transport->intercept(std::move(look), options.hold_first_binding.value_or(Duration::zero()));
}

// Counts what the coroutines of a life do, and ends it where its order says.
void VirtualCluster::State::watch_turns(const std::string& name, VirtualLife& life) {
  bool is_first = incarnations[name] == 1;
  life.remains.gate->on_turn([this, name, is_first] {
    if (is_first) ++steps[name];
    auto order = orders.find(name);
    if (order == orders.end() || order->second.step == 0 || --order->second.step > 0) return;
    auto alive = lives.find(name);
    if (alive == lives.end()) return;
    alive->second->remains.transport->cut();  // it may run until its killing does, but nobody hears of it
    tasks.spawn("kill " + name, kill_for_a_while(name, order->second.pause));
  });
}

awaitable<void> VirtualCluster::State::kill_for_a_while(std::string name, Duration pause) {
  if (name == "apiserver") {
    if (hub) co_await kill_hub();
  } else {
    co_await kill(name);
  }
  co_await sleep_for(env, pause);
  co_await revive(name);
}

awaitable<void> VirtualCluster::State::revive(std::string name) {
  if (options.restarts_dead && ends.contains(name)) co_await sleep_for(env, kUsualPause);
  if (is_stopping || held_dead.contains(name) || is_alive(name)) co_return;
  if (name != "apiserver") {
    start_life(name);
    co_return;
  }
  int number = incarnations["apiserver"] + 1;
  auto started = co_await start_hub();
  bool was_killed = !hub || incarnations["apiserver"] != number;  // while it started: its killer starts the next
  if (!started && !was_killed) note_defect("apiserver could not start: " + started.error().message);
}

void VirtualCluster::State::set_frozen(const std::string& component, bool is_frozen) {
  if (component == "apiserver") {
    is_hub_frozen = is_frozen;
    if (!is_frozen) hub_thawed.notify();
    return;
  }
  auto life = lives.find(component);
  if (life == lives.end() || !life->second->remains.gate) return;
  auto& gate = *life->second->remains.gate;
  is_frozen ? gate.freeze() : gate.thaw();
}

void VirtualCluster::State::set_skew(const std::string& component, Duration skew) {
  skews[component] = skew;
  auto life = lives.find(component);
  if (life != lives.end() && life->second->remains.gate) life->second->remains.gate->set_skew(skew);
}

void VirtualCluster::State::order_power_cut(const Fault& fault) {
  orders["apiserver"].pause = fault.duration > Duration::zero() ? fault.duration : kUsualPause;
  storage.cut_power(std::max<std::uint64_t>(fault.count, 1), fault.is_committed);
}

void VirtualCluster::State::order_death(const Fault& fault) {
  Duration pause = fault.duration > Duration::zero() ? fault.duration : kUsualPause;
  bool is_at_once = fault.count == 0 && fault.step == 0;
  if (is_at_once) {
    if (is_alive(fault.target)) tasks.spawn("kill " + fault.target, kill_for_a_while(fault.target, pause));
    return;
  }
  if (fault.target == "apiserver") return order_power_cut(fault);
  if (!lives.contains(fault.target)) return;
  KillOrder& order = orders[fault.target];
  order.write = fault.count;
  order.step = fault.step;
  order.is_committed = fault.is_committed;
  order.pause = pause;
}

void VirtualCluster::State::start_node_again(const std::string& name) {
  auto life = lives.find("kubelet-sim");
  if (held_stopped.contains(name) || life == lives.end()) return;
  auto started = life->second->kubelet_sim->start_node(name);
  if (!started) env.log.warning("{}", started.error().message);
}

awaitable<void> VirtualCluster::State::flap(std::string node, Duration every, std::uint64_t id) {
  bool is_stopped = true;
  while (active.contains(id) && !is_stopping) {
    co_await sleep_for(env, every);
    auto life = lives.find("kubelet-sim");
    if (!active.contains(id) || life == lives.end()) continue;
    if (held_stopped.contains(node)) continue;
    auto done = is_stopped ? life->second->kubelet_sim->start_node(node) : life->second->kubelet_sim->stop_node(node);
    if (done) is_stopped = !is_stopped;
  }
}

Result<void> VirtualCluster::State::begin_at_node(const Fault& fault, std::uint64_t id) {
  auto life = lives.find("kubelet-sim");
  if (life == lives.end()) return failure(503, "ServiceUnavailable", "kubelet-sim is dead: it plays no node");
  auto& kubelets = *life->second->kubelet_sim;
  auto known = kubelets.node_names();
  if (std::ranges::find(known, fault.target) == known.end()) return failure(no_such("node", fault.target));
  if (fault.kind == FaultKind::kNodePartition || fault.kind == FaultKind::kSlowHeartbeats) {
    table_of("kubelet-sim").begin(id, fault);
    return {};
  }
  auto stopped = kubelets.stop_node(fault.target);
  if (fault.kind == FaultKind::kNodeFlap) tasks.spawn("flap", flap(fault.target, fault.amount, id));
  return stopped;
}

Result<void> VirtualCluster::State::begin_at_component(const Fault& fault, std::uint64_t id) {
  static const std::set<std::string> kNames = {"apiserver", "scheduler", "controller-manager", "kubelet-sim"};
  if (!kNames.contains(fault.target)) return failure(no_such("component", fault.target));
  switch (fault.kind) {
    case FaultKind::kKill:
      order_death(fault);
      break;
    case FaultKind::kFreeze:
      set_frozen(fault.target, true);
      break;
    case FaultKind::kClockSkew:
      set_skew(fault.target, fault.is_behind ? -fault.amount : fault.amount);
      break;
    default:
      table_of(fault.target).begin(id, fault);
  }
  return {};
}

Result<void> VirtualCluster::State::begin_at_disk(const Fault& fault) {
  if (fault.kind == FaultKind::kDiskFull) storage.set_full(true);
  if (fault.kind == FaultKind::kDiskSlow) storage.set_slow(fault.amount);
  if (fault.kind == FaultKind::kPowerCut) order_power_cut(fault);
  return {};
}

awaitable<Result<std::uint64_t>> VirtualCluster::begin_fault(Fault fault) {
  auto state = state_;
  if (!state->has_faults) co_return failure(400, "BadRequest", "this cluster was made without faults");
  std::uint64_t id = ++state->last_fault;
  state->active[id] = fault;
  auto area = info_of(fault.kind).area;
  Result<void> begun = area == FaultArea::kNode   ? state->begin_at_node(fault, id)
                       : area == FaultArea::kDisk ? state->begin_at_disk(fault)
                                                  : state->begin_at_component(fault, id);
  if (!begun) {
    state->active.erase(id);
    co_return failure(begun.error());
  }
  co_return id;
}

awaitable<void> VirtualCluster::end_fault(std::uint64_t id) {
  auto state = state_;
  auto it = state->active.find(id);
  if (it == state->active.end()) co_return;
  Fault fault = std::move(it->second);
  state->active.erase(it);
  for (auto& [name, table] : state->tables) table.end(id);
  if (fault.kind == FaultKind::kNodeStop || fault.kind == FaultKind::kNodeFlap) state->start_node_again(fault.target);
  if (fault.kind == FaultKind::kFreeze) state->set_frozen(fault.target, false);
  if (fault.kind == FaultKind::kClockSkew) state->set_skew(fault.target, Duration::zero());
  if (fault.kind == FaultKind::kDiskSlow) state->storage.set_slow(Duration::zero());
  if (fault.kind == FaultKind::kPowerCut) state->storage.forget_power_cut();
  if (fault.kind != FaultKind::kDiskFull) co_return;
  state->storage.set_full(false);
  bool is_read_only = state->store && !state->store->write_error().empty();
  if (is_read_only) co_await state->kill_for_a_while("apiserver", kUsualPause);
}

awaitable<void> VirtualCluster::heal() {
  auto state = state_;
  state->orders.clear();
  state->storage.forget_power_cut();
  while (!state->active.empty()) co_await end_fault(state->active.begin()->first);
  // Those that faults have killed come back by themselves; a fault may have begun while kubelet-sim was dead.
  for (const char* name : {"apiserver", "scheduler", "controller-manager", "kubelet-sim"}) {
    while (!state->is_alive(name) && !state->held_dead.contains(name) && state->tasks.live() > 0) {
      co_await state->deaths.wait_until(state->env, state->env.clock.now() + kUsualPause);
    }
    co_await state->revive(name);
  }
}

}  // namespace kubeloop::simulator
