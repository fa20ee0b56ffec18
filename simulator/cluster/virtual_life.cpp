#include "simulator/cluster/virtual_life.hpp"

#include "controller-manager/controller_manager.hpp"
#include "kubelet-sim/kubelet_sim.hpp"
#include "scheduler/scheduler.hpp"
#include "simulator/cluster/component_flags.hpp"
#include "simulator/cluster/virtual_cluster.hpp"

namespace kubeloop::simulator {

VirtualLife::VirtualLife(const Env& base, LifeRemains r, std::function<void()> on_reach)
    : remains(std::move(r)), faults(std::move(on_reach)), tasks(base) {}

VirtualLife::~VirtualLife() = default;

FaultyTransport* VirtualLife::faulty_transport() {
  return dynamic_cast<FaultyTransport*>(remains.transport.get());
}

awaitable<void> VirtualLife::make(const std::string& name, const Env& base, const VirtualClusterOptions& options,
                                  const std::vector<std::string>& added, const std::set<std::string>& silent) {
  Env own(base.executor, base.clock, base.rng, base.log, faults);
  http::Transport& hub = *remains.transport;
  if (name == "scheduler") {
    scheduler::SchedulerOptions chosen;
    chosen.election = scheduler::default_election();
    chosen.election->identity = client::make_identity(name, base.rng.fork("identity"));
    apply_scheduler_flags(options.flags_of(name), chosen.election);
    scheduler = std::make_unique<scheduler::Scheduler>(std::move(own), hub, std::move(chosen));
    return scheduler->run();
  }
  if (name == "controller-manager") {
    controller_manager::Options chosen;
    chosen.election = controller_manager::default_election();
    chosen.election->identity = client::make_identity(name, base.rng.fork("identity"));
    apply_flags(options.flags_of(name), chosen);
    controller_manager =
        std::make_unique<controller_manager::ControllerManager>(std::move(own), hub, std::move(chosen));
    return controller_manager->run();
  }
  auto chosen = options.machines ? *options.machines : kubelet_sim::Options::with_nodes(options.nodes);
  apply_flags(options.flags_of(name), chosen.timings);
  for (auto& node : kubelet_sim::Options::with_names(added).nodes) {
    node.address.clear();  // the next one that is free, as when it was added
    chosen.nodes.push_back(std::move(node));
  }
  chosen.silent = silent;
  kubelet_sim = std::make_unique<kubelet_sim::KubeletSim>(std::move(own), hub, std::move(chosen));
  return kubelet_sim->run();
}

awaitable<void> VirtualLife::end() {
  if (scheduler) co_await scheduler->stop();
  if (controller_manager) co_await controller_manager->stop();
  if (kubelet_sim) co_await kubelet_sim->stop();
  tasks.stop();
  co_await tasks.join();
  remains.transport->cut();
}

}  // namespace kubeloop::simulator
