#include <fmt/format.h>

#include <exception>

#include "libs/base/task_group.hpp"
#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/run/run_scenario.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::simulator {
namespace {

// What is left running after the last step needs a moment to reach the log.
constexpr Duration kSettle = std::chrono::milliseconds(200);

struct Run {
  VirtualCluster& cluster;
  const Scenario& scenario;
  RunReport& report;
  AtEnd at_end;
  bool is_done = false;

  Run(VirtualCluster& c, const Scenario& s, RunReport& r, AtEnd end)
      : cluster(c), scenario(s), report(r), at_end(std::move(end)) {}
};

awaitable<void> drive(const Env& env, Run& run) {
  auto started = co_await run.cluster.start();
  if (!started) {
    run.report.verdict = Verdict::kError;
    run.report.message = started.error().message;
    run.is_done = true;
    co_return;
  }
  TaskGroup readers(env);
  FlowReader flow(env, run.cluster.admin());
  ObjectRecorder objects(env, run.cluster.admin());
  readers.spawn("flow log", flow.run());
  objects.start(readers);
  auto outcome = co_await run_steps(env, run.cluster, flow, run.scenario, nullptr);
  co_await sleep_for(env, kSettle);
  run.report.verdict = outcome.verdict;
  run.report.steps = std::move(outcome.steps);
  complete_report(run.report, flow, objects, run.cluster.store_name());
  if (run.at_end) run.at_end(run.cluster, flow.events());
  readers.stop();
  co_await readers.join();
  co_await run.cluster.stop();
  run.is_done = true;
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
  {
    VirtualClusterOptions cluster_options;
    cluster_options.nodes = scenario.nodes;
    cluster_options.hold_first_binding = options.hold_first_binding;
    cluster_options.skips_already_assigned_check = options.skips_already_assigned_check;
    VirtualCluster cluster(env.child("cluster"), cluster_options);
    TaskGroup driver(env);
    Run run(cluster, scenario, report, std::move(at_end));
    driver.spawn("scenario", drive(env, run));
    Instant horizon = Instant{} + options.horizon;
    bool is_done = loop.run_until(horizon, [&] { return run.is_done || driver.live() == 0; });
    if (!run.is_done) {
      report.verdict = is_done ? Verdict::kError : Verdict::kTimeout;
      report.message = is_done ? "the scenario's driver failed" : "the virtual clock reached its horizon";
      driver.stop();
      loop.run_ready();
    }
    loop.run_ready();
  }
  return report;
}

}  // namespace kubeloop::simulator
