// Makes a failing scenario smaller: leaves out steps, faults, objects and nodes, and lowers numbers, as long as it
// still fails in the same way. What comes out is a document that stands for itself: no other file, the faults written
// out.
#pragma once
#include <nlohmann/json.hpp>

#include <functional>
#include <string>

#include "simulator/run/run_scenario.hpp"

namespace kubeloop::simulator {

// In which way a run failed: what of it must stay while the scenario becomes smaller.
struct FailureKind {
  Verdict verdict = Verdict::kPassed;
  std::string checker;  // of a violation
  std::string step;     // the text of the step that failed

  bool operator==(const FailureKind&) const = default;
};
FailureKind kind_of(const RunReport& report);

struct Shrunk {
  nlohmann::json document;
  RunReport report;  // of its last run
  std::size_t runs = 0;
  std::size_t steps = 0, faults = 0;
};

struct ShrinkOptions {
  std::size_t most_runs = 600;
  // Told after each run: how many runs, steps and faults.
  std::function<void(std::size_t, std::size_t, std::size_t)> progress;
};

// `document` is the scenario's, its parameters in place; `scenario` and `run` are what failed, as `failure` says.
Shrunk shrink(const nlohmann::json& document, const Scenario& scenario, const VirtualRunOptions& run,
              const RunReport& failure, const ShrinkOptions& options);

// The document with everything in it that the run takes from elsewhere: manifests of other files, drawn faults, seeds.
nlohmann::json self_contained(const nlohmann::json& document, const Scenario& scenario, const VirtualRunOptions& run);

}  // namespace kubeloop::simulator
