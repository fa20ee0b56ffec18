// Carries out faults on a cluster: those that a step asks for, and a plan of many. Each ends after its time, and all of
// them when the cluster is healed. Owns the tasks of both; stop() before it goes.
#pragma once
#include <vector>

#include "libs/base/task_group.hpp"
#include "simulator/cluster/cluster.hpp"
#include "simulator/faults/fault.hpp"

namespace kubeloop::simulator {

class FaultDriver {
 public:
  // What was done, in order.
  struct Done {
    Instant at{};
    Fault fault;
    std::string error;  // why it could not be done; "" = it was
  };

  // Both outlive the driver.
  FaultDriver(const Env& env, Cluster& cluster) : env_(env), cluster_(cluster), tasks_(env) {}

  // Each fault begins at its time after `beginning`.
  void start(const std::vector<PlannedFault>& plan, Instant beginning);
  awaitable<Result<void>> begin(Fault fault);
  // Ends everything that is on or planned.
  awaitable<void> heal();
  awaitable<void> stop() { return tasks_.stop_and_join(); }

  const std::vector<Done>& done() const { return done_; }
  // Faults of the plan that have still to begin.
  std::size_t pending() const { return pending_; }

 private:
  awaitable<void> begin_later(PlannedFault planned, Instant beginning);
  awaitable<void> end_later(std::uint64_t id, Duration after);

  const Env& env_;
  Cluster& cluster_;
  TaskGroup tasks_;
  std::vector<Done> done_;
  std::size_t pending_ = 0;
  std::uint64_t healings_ = 0;
};

}  // namespace kubeloop::simulator
