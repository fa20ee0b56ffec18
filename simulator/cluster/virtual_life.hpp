// One life of one component in the virtual cluster: what it runs on, its way to the hub, and itself. Created to run,
// destroyed when it has ended. Used by VirtualCluster only.
#pragma once
#include <memory>
#include <set>
#include <string>

#include "libs/base/task_group.hpp"
#include "libs/http/transport.hpp"
#include "simulator/cluster/component_gate.hpp"
#include "simulator/cluster/sim_faults.hpp"
#include "simulator/faults/faulty_transport.hpp"

namespace kubeloop::scheduler {
class Scheduler;
}
namespace kubeloop::controller_manager {
class ControllerManager;
}
namespace kubeloop::kubelet_sim {
class KubeletSim;
}

namespace kubeloop::simulator {

struct VirtualClusterOptions;

// What must outlive the life itself: what it had sent may still arrive, and its last tasks may still be due.
struct LifeRemains {
  std::unique_ptr<ComponentGate> gate;  // null where nothing can go wrong
  std::unique_ptr<http::CuttableTransport> transport;
};

struct VirtualLife {
  // `base` is the life's own Env, on its gate when it has one.
  VirtualLife(const Env& base, LifeRemains remains, std::function<void()> on_reach);
  ~VirtualLife();

  // Makes the component of that name and returns what it runs. kubelet-sim plays the nodes in `added` too, and begins
  // without those in `silent`.
  awaitable<void> make(const std::string& name, const Env& base, const VirtualClusterOptions& options,
                       const std::vector<std::string>& added, const std::set<std::string>& silent);
  // Ends it as SIGKILL would, and waits for it.
  awaitable<void> end();
  FaultyTransport* faulty_transport();  // null where nothing can go wrong

  LifeRemains remains;
  SimFaults faults;
  TaskGroup tasks;
  std::unique_ptr<scheduler::Scheduler> scheduler;
  std::unique_ptr<controller_manager::ControllerManager> controller_manager;
  std::unique_ptr<kubelet_sim::KubeletSim> kubelet_sim;
};

}  // namespace kubeloop::simulator
