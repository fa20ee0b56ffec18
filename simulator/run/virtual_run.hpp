// The course of one run in virtual time: the cluster starts, the steps run while faults are on, the faults are healed,
// and the cluster comes to rest. Used by run_in_virtual_time only.
#pragma once
#include "libs/base/task_group.hpp"
#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/faults/fault_driver.hpp"
#include "simulator/observe/checkers.hpp"
#include "simulator/run/run_scenario.hpp"
#include "simulator/story/flow_reader.hpp"
#include "simulator/story/object_record.hpp"

namespace kubeloop::simulator {

class VirtualRun {
 public:
  // All outlive the run.
  VirtualRun(SimLoop& loop, const Env& env, VirtualCluster& cluster, Checkers& checkers, ObjectRecord& objects,
             const Scenario& scenario, const VirtualRunOptions& options, RunReport& report, AtEnd at_end);

  // From the start to the end; whatever happens on the way, also when it is given up: first the readers end, then the
  // cluster.
  awaitable<void> drive();
  bool is_done() const { return is_done_; }

 private:
  awaitable<void> follow();
  // Begins the faults and returns when they are to be healed; nothing = there are none.
  std::optional<Instant> begin_faults();
  awaitable<void> heal_at(Instant at);
  // Quiet for a while, and then for as long again as nothing may happen; sets the verdict when it does not come to it.
  awaitable<void> come_to_rest(Instant deadline);
  void tell();

  const Env& env_;
  VirtualCluster& cluster_;
  Checkers& checkers_;
  const Scenario& scenario_;
  const VirtualRunOptions& options_;
  RunReport& report_;
  AtEnd at_end_;
  Env aside_;  // for who only looks on
  FlowReader flow_;
  ObjectRecord& objects_;
  FaultDriver faults_;
  TaskGroup readers_;
  TaskGroup healing_;
  bool is_told_ = false;
  bool is_done_ = false;
};

}  // namespace kubeloop::simulator
