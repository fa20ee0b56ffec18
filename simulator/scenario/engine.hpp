// Runs the steps of a scenario against a cluster, one after the other, and says what came of each. The same code in
// real and in virtual time.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "libs/base/env.hpp"
#include "simulator/checks/check_outcome.hpp"
#include "simulator/cluster/cluster.hpp"
#include "simulator/faults/fault_driver.hpp"
#include "simulator/scenario/patience.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/story/flow_reader.hpp"

namespace kubeloop::simulator {

// The command's exit codes: what a run came to.
enum class Verdict : int {
  kPassed = 0,
  kError = 1,
  kUsage = 2,
  kAssertion = 4,
  kTimeout = 5,
  kDiverged = 6,
  kInUse = 7,
  kSafety = 8,    // a checker saw what must never be
  kLiveness = 9,  // healed, and yet it did not come to be
};

struct StepOutcome {
  std::string text;  // the step, for people
  int line = 0;
  Verdict verdict = Verdict::kPassed;
  std::string message;  // why it failed
  WallTime started{}, ended{};
};

struct ScenarioOutcome {
  Verdict verdict = Verdict::kPassed;
  std::vector<StepOutcome> steps;  // those that were run
  std::vector<CheckOutcome> checks;  // of spec.checks; none when a step failed
};

// What steps act on. All of it outlives the run; `flow` must be running.
struct StepContext {
  const Env& env;
  Cluster& cluster;
  FlowReader& flow;
  FaultDriver& faults;
  Patience patience;
  std::function<void(const std::string&)> progress = nullptr;  // within a long step: "3000 of 10000"
};

// Stops at the first step that fails. `on_step` is told of each step as it begins, for progress.
awaitable<ScenarioOutcome> run_steps(StepContext context, const Scenario& scenario,
                                     std::function<void(const Step&)> on_step);

}  // namespace kubeloop::simulator
