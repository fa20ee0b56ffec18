// The whole cluster in this process, in virtual time: one hub over a memory store, and each component behind a
// transport of its own that can be cut. Killing a component cuts its transport, cancels its tasks and destroys it; only
// the store survives the hub's death.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "apiserver/hub.hpp"
#include "kubelet-sim/kubelet_sim.hpp"
#include "libs/base/env.hpp"
#include "simulator/cluster/cluster.hpp"
#include "simulator/cluster/fidelity.hpp"
#include "simulator/cluster/kill_plan.hpp"
#include "simulator/observe/observer.hpp"
#include "simulator/scenario/cluster_spec.hpp"

namespace kubeloop::scheduler {
class Scheduler;
}

namespace kubeloop::simulator {

class SimLoop;

struct VirtualClusterOptions {
  int nodes = 3;
  // The nodes and the behaviours of images, instead of `nodes` plain ones; every life of kubelet-sim has the same.
  std::optional<kubelet_sim::Options> machines;
  std::map<std::string, ComponentSetup> components;
  // One way between a component and the hub.
  Duration latency = std::chrono::microseconds(100);
  // When set: the network holds the scheduler's first binding for that long, and the scheduler is killed once it is
  // sent.
  std::optional<Duration> hold_first_binding;
  std::optional<KillPlan> kill;
  Fidelity fidelity = Fidelity::kDirect;
  Medium medium = Medium::kMemory;
  // Faults may be begun; without it, nothing stands between the components and the loop.
  bool has_faults = false;
  // Components that ended by themselves come back after a second, as those of a real control plane do.
  bool restarts_dead = false;
  // Sees what becomes durable, what is answered and what watches carry; null = nobody. Outlives the cluster.
  Observer* observer = nullptr;
  // For tests, "scheduler/before-bind": every life of that component meets an exception at that place.
  std::string throws_at;

  bool is_off(const std::string& component) const {
    auto it = components.find(component);
    return it != components.end() && it->second.is_off;
  }
  std::vector<Flag> flags_of(const std::string& component) const {
    auto it = components.find(component);
    return it == components.end() ? std::vector<Flag>() : it->second.flags;
  }
};

class VirtualCluster final : public Cluster {
 public:
  // `env` runs on `loop`, which outlives the cluster.
  VirtualCluster(SimLoop& loop, Env env, VirtualClusterOptions options);
  ~VirtualCluster() override;

  // Starts the hub, then the components. 500 when one of them could not start.
  awaitable<Result<void>> start();

  http::Transport& admin() override;
  // The hub for who only looks on, on an executor that changes nothing of the order in which others run.
  http::Transport& onlooker();
  awaitable<Result<void>> start_node(std::string name) override;
  awaitable<Result<void>> stop_node(std::string name) override;
  awaitable<Result<void>> kill_component(std::string name, std::string place) override;
  awaitable<Result<void>> start_component(std::string name) override;
  // A component that has lost its lease is dead until it is started anew, as its process would be.
  std::string ended() const override;
  awaitable<Result<std::uint64_t>> begin_fault(Fault fault) override;
  awaitable<void> end_fault(std::uint64_t id) override;
  awaitable<void> heal() override;
  awaitable<void> stop() override;
  std::string store_name() const override;

  // For checkers; null while it is dead.
  scheduler::Scheduler* scheduler();
  kubelet_sim::KubeletSim* kubelet_sim();
  bool is_alive(const std::string& component) const;
  // What the store holds at the last read_store().
  Result<void> read_store();
  const StoredObjects& stored_objects() const;
  // How many writes (see KillPlan) the component has sent in its first life.
  int writes_of(const std::string& component) const;
  // How many steps (see KillPlan) the component of the kill plan has taken in its first life.
  std::uint64_t steps_of(const std::string& component) const;
  // "scheduler failed: task pods failed: ...": a component or the hub has met with an exception, which is an error in
  // our own code; the run is worth nothing. "" = none.
  const std::string& defect() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::simulator
