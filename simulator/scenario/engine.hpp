// Runs the steps of a scenario against a cluster, one after the other, and says what came of each. The same code in
// real and in virtual time.
#pragma once
#include <string>
#include <vector>

#include "libs/base/env.hpp"
#include "simulator/cluster/cluster.hpp"
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
  kInUse = 7
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
};

// `flow` must be running. Stops at the first step that fails. `on_step` is told of each step as it begins, for
// progress.
awaitable<ScenarioOutcome> run_steps(const Env& env, Cluster& cluster, FlowReader& flow, const Scenario& scenario,
                                     std::function<void(const Step&)> on_step);

}  // namespace kubeloop::simulator
