// Runs one scenario from an empty cluster to its report: in virtual time in this process, or in real time against real
// daemons.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "simulator/cluster/fidelity.hpp"
#include "simulator/cluster/kill_plan.hpp"
#include "simulator/faults/fault.hpp"
#include "simulator/report/run_report.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

// How much is told of a run, from little to much: what is not needed is not recorded either.
enum class Detail {
  kSteps,    // what came of the steps; no object is watched
  kStory,    // the story and the pods' phases too
  kObjects,  // and all states of the objects
};

// Somebody who watches a run in virtual time.
struct Spectator {
  std::function<void(const FlowEvent&)> on_event;   // of the flow log, as it happens
  std::function<void(const std::string&)> on_step;  // a step begins
  std::function<void(Duration)> on_jump;            // before the clock moves, by how much
  std::function<bool()> has_left;                   // the run is given up
};

struct VirtualRunOptions {
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> shuffle_seed;
  Fidelity fidelity = Fidelity::kDirect;
  Medium medium = Medium::kMemory;
  // Faults are drawn from the seed: first they are on and only safety is demanded, then they are healed, and all that
  // the scenario asks for must come to be. Of these areas; empty = all.
  bool draws_faults = false;
  std::set<FaultArea> fault_areas;
  // Instead of what the seed draws.
  std::optional<std::vector<PlannedFault>> faults;
  // For who watches the run as it goes; each may wait as long as it likes. All may be null.
  Spectator spectator;
  // Without the checkers nobody looks at what is written; for benchmarks.
  bool has_checkers = true;
  // The run is given up (timed out) when the virtual clock gets here.
  Duration horizon = std::chrono::hours(24);
  Detail detail = Detail::kStory;
  // For tests: see VirtualClusterOptions. With a kill, every step that waits is given this many times its time.
  std::optional<KillPlan> kill;
  int patience = 1;
  std::optional<Duration> hold_first_binding;
  std::string throws_at;
};

class VirtualCluster;

// `at_end`, when given, sees the cluster and the flow log after the last step, before it is stopped: for checkers.
using AtEnd = std::function<void(VirtualCluster&, const std::vector<FlowEvent>&)>;
RunReport run_in_virtual_time(const Scenario& scenario, const VirtualRunOptions& options, AtEnd at_end = nullptr);
// The same; when it is made twice, the second time with nobody watching, both must give the same report.
RunReport run_and_compare(const Scenario& scenario, VirtualRunOptions options, bool is_twice);

// What goes wrong in such a run: what the scenario plans, and what is drawn from the seed. Pure.
std::vector<PlannedFault> planned_faults(const Scenario& scenario, const VirtualRunOptions& options);

class FlowReader;
class ObjectRecord;
// Fills the report from what was recorded; used by both ways of running. Nothing from before `since` is told.
void complete_report(RunReport& report, FlowReader& flow, const ObjectRecord& objects, const std::string& store,
                     Detail detail, WallTime since = WallTime{});
// Notes the steps after those that the report has.
void note_unrun_steps(RunReport& report, const Scenario& scenario);

}  // namespace kubeloop::simulator
