#include <fmt/format.h>

#include <algorithm>

#include "simulator/cluster/machines.hpp"
#include "simulator/observe/observers.hpp"
#include "simulator/run/virtual_run.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::simulator {
namespace {

// What a run that is given up gets for ending its components.
constexpr Duration kUnwind = std::chrono::minutes(10);

// Keeps the objects' states, when the report needs them.
struct Recording final : Observer {
  void committed(const apiserver::Change& change, Instant) override { objects.take_change(change); }
  ObjectRecord objects;
};

VirtualClusterOptions cluster_options(const Scenario& scenario, const VirtualRunOptions& options) {
  VirtualClusterOptions out;
  out.machines = machines_of(scenario);
  out.components = scenario.components;
  out.kill = options.kill;
  out.hold_first_binding = options.hold_first_binding;
  out.throws_at = options.throws_at;
  out.fidelity = options.fidelity;
  out.medium = options.medium;
  bool has_plan = options.draws_faults || !options.faults.value_or(scenario.faults).empty();
  bool has_steps = std::ranges::any_of(scenario.steps,
                                       [](const Step& step) { return std::holds_alternative<FaultStep>(step.action); });
  out.has_faults = has_plan || has_steps;
  out.restarts_dead = has_plan;
  return out;
}

// What must never be is worse than what did not come to be.
void add_violations(const Checkers& checkers, const SimLoop& loop, RunReport& report) {
  const Violation* first = checkers.first();
  if (!first) return;
  report.verdict = Verdict::kSafety;
  WallTime zero = loop.wall() - (loop.now() - Instant{});  // the report may begin later: with its first event
  WallTime when = zero + (first->at - Instant{});
  report.violation = ReportedViolation{first->checker, first->text, first->revision, when};
  report.message = first->checker + ": " + first->text;
  if (checkers.count() > 1) report.message += fmt::format(" (and {} more)", checkers.count() - 1);
}

}  // namespace

RunReport run_in_virtual_time(const Scenario& scenario, const VirtualRunOptions& options, AtEnd at_end) {
  RunReport report;
  report.scenario = scenario.name;
  report.description = scenario.description;
  report.is_virtual = true;
  report.seed = options.seed;
  report.shuffle_seed = options.shuffle_seed;
  SimLoop loop(options.shuffle_seed);
  NoFaults no_faults;
  Rng rng(options.seed);
  Env env(loop.executor(), loop, rng, Log(), no_faults);
  report.began = loop.wall();
  Checkers checkers(loop.wall());
  Recording recording;
  Observers observers;
  if (options.has_checkers) observers.add(checkers);
  if (options.detail != Detail::kSteps) observers.add(recording);
  {
    auto chosen = cluster_options(scenario, options);
    bool is_observed = options.has_checkers || options.detail != Detail::kSteps;
    if (is_observed) chosen.observer = &observers;
    VirtualCluster cluster(loop, env.child("cluster"), std::move(chosen));
    TaskGroup driver(env);
    VirtualRun run(loop, env, cluster, checkers, recording.objects, scenario, options, report, std::move(at_end));
    driver.spawn("scenario", run.drive());
    Instant horizon = Instant{} + scenario.horizon.value_or(options.horizon) * options.patience;
    if (options.spectator.on_jump) loop.on_jump(options.spectator.on_jump);
    auto is_over = [&] {
      if (options.spectator.has_left && options.spectator.has_left()) return true;
      return run.is_done() || driver.live() == 0 || !cluster.defect().empty() || checkers.count() > 0;
    };
    bool is_done = loop.run_until(horizon, is_over);
    report.virtual_time = loop.now() - Instant{};
    if (!run.is_done()) {
      report.verdict = is_done ? Verdict::kError : Verdict::kTimeout;
      report.message = is_done ? "the scenario's driver failed" : "the virtual clock reached its horizon";
      if (!cluster.defect().empty()) report.message = cluster.defect();
      if (options.spectator.has_left && options.spectator.has_left()) report.message = "left before its end";
      loop.on_jump(nullptr);
      driver.stop();
      loop.run_until(horizon + kUnwind, [&] { return driver.live() == 0; });
    }
    loop.run_ready();
    report.loop_steps = loop.steps();
  }
  add_violations(checkers, loop, report);
  note_unrun_steps(report, scenario);
  return report;
}

RunReport run_and_compare(const Scenario& scenario, VirtualRunOptions options, bool is_twice) {
  RunReport report = run_in_virtual_time(scenario, options);
  if (!is_twice) return report;
  options.spectator = Spectator();
  RunReport again = run_in_virtual_time(scenario, options);
  if (to_json_text({report}) != to_json_text({again})) {
    report.verdict = Verdict::kDiverged;
    report.message = fmt::format("the same seed gave another history: {} and {}", report.history, again.history);
  }
  return report;
}

}  // namespace kubeloop::simulator
