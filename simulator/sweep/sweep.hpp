// Many runs of many scenarios over seeds, side by side on the cores: each worker is a process of its own, so that one
// that dies is a finding and not the end. The parent hands out the runs and gathers what came of them.
#pragma once
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "simulator/run/run_scenario.hpp"

namespace kubeloop::simulator {

struct SweepOptions {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 20;  // of each scenario
  bool shuffles = false;     // the order of what is ready is drawn from the seed too
  bool draws_faults = false;
  std::set<FaultArea> fault_areas;
  bool is_twice = false;  // each run is made twice, and must give the same report
  Fidelity fidelity = Fidelity::kDirect;
  Medium medium = Medium::kMemory;
  int workers = 0;              // 0: one a core
  bool stops_at_first = false;  // of each scenario: no further seeds once one has failed
};

// One run that did not pass.
struct SweepFailure {
  std::size_t scenario = 0;  // which of those given
  std::uint64_t seed = 0;
  Verdict verdict = Verdict::kPassed;
  std::string message;
  std::string violation;  // the checker's name, when it was one
  std::vector<std::string> causes;
};

struct SweepResult {
  std::uint64_t runs = 0;
  std::uint64_t faults = 0;
  Duration virtual_time{};
  std::uint64_t loop_steps = 0;
  std::vector<SweepFailure> failures;  // ordered by scenario and seed

  Verdict verdict() const;  // the worst
};

// What one run of the sweep is.
VirtualRunOptions options_of(const SweepOptions& options, std::uint64_t seed);
// `progress` is told after each run how many are through, of how many, and how many of them failed. The process must
// have one thread. 500 when no worker could be made.
Result<SweepResult> sweep(const std::vector<Scenario>& scenarios, const SweepOptions& options,
                          const std::function<void(std::uint64_t, std::uint64_t, std::size_t)>& progress);

// The run that a sweep makes of one seed, in this process.
RunReport run_once(const Scenario& scenario, const SweepOptions& options, std::uint64_t seed);

}  // namespace kubeloop::simulator
