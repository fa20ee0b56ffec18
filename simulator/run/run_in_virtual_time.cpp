#include <fmt/format.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "libs/base/task_group.hpp"
#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/run/run_scenario.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::simulator {
namespace {

// What is left running after the last step needs a moment to reach the log.
constexpr Duration kSettle = std::chrono::milliseconds(200);
// What a run that is given up gets for ending its components.
constexpr Duration kUnwind = std::chrono::minutes(10);

struct Run {
  VirtualCluster& cluster;
  const Scenario& scenario;
  RunReport& report;
  Detail detail;
  AtEnd at_end;
  bool is_done = false;

  Run(VirtualCluster& c, const Scenario& s, RunReport& r, Detail d, AtEnd end)
      : cluster(c), scenario(s), report(r), detail(d), at_end(std::move(end)) {}
};

struct Readers {
  Readers(const Env& env, http::Transport& hub) : flow(env, hub), objects(env, hub), tasks(env) {}
  FlowReader flow;
  ObjectRecorder objects;
  TaskGroup tasks;
};

awaitable<void> follow(const Env& env, Run& run, Readers& readers) {
  auto started = co_await run.cluster.start();
  if (!started) {
    run.report.verdict = Verdict::kError;
    run.report.message = started.error().message;
    co_return;
  }
  auto& flow = readers.flow;
  readers.tasks.spawn("flow log", flow.run());
  if (run.detail != Detail::kSteps) readers.objects.start(readers.tasks);
  auto outcome = co_await run_steps(env, run.cluster, flow, run.scenario, nullptr);
  co_await sleep_for(env, kSettle);
  run.report.verdict = outcome.verdict;
  run.report.steps = std::move(outcome.steps);
  complete_report(run.report, flow, readers.objects, run.cluster.store_name(), run.detail);
  if (!run.at_end) co_return;
  auto read = co_await run.cluster.read_store();
  if (!read) throw std::runtime_error(read.error().message);
  run.at_end(run.cluster, flow.events());
}

// Whatever happens on the way, also when the run is given up: first the readers end, then the cluster.
awaitable<void> drive(const Env& env, Run& run) {
  Readers readers(env, run.cluster.admin());
  std::exception_ptr error;
  try {
    co_await follow(env, run, readers);
  } catch (...) {
    error = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  readers.tasks.stop();
  co_await readers.tasks.join();
  co_await run.cluster.stop();
  run.is_done = !error;
  if (error) std::rethrow_exception(error);
}

Scenario with_patience(Scenario scenario, int factor) {
  for (auto& step : scenario.steps) {
    if (auto* wait = std::get_if<WaitStep>(&step.action)) wait->within *= factor;
    if (auto* drain = std::get_if<DrainStep>(&step.action); drain && !drain->is_to_be_blocked) drain->within *= factor;
    if (auto* barrier = std::get_if<BarrierStep>(&step.action)) barrier->within *= factor;
  }
  return scenario;
}

}  // namespace

RunReport run_in_virtual_time(const Scenario& given, const VirtualRunOptions& options, AtEnd at_end) {
  Scenario scenario = with_patience(given, options.patience);
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
    cluster_options.kill = options.kill;
    cluster_options.hold_first_binding = options.hold_first_binding;
    cluster_options.skips_already_assigned_check = options.skips_already_assigned_check;
    cluster_options.throws_at = options.throws_at;
    VirtualCluster cluster(env.child("cluster"), cluster_options);
    TaskGroup driver(env);
    Run run(cluster, scenario, report, options.detail, std::move(at_end));
    driver.spawn("scenario", drive(env, run));
    Instant horizon = Instant{} + options.horizon;
    auto is_over = [&] { return run.is_done || driver.live() == 0 || !cluster.defect().empty(); };
    bool is_done = loop.run_until(horizon, is_over);
    if (!run.is_done) {
      report.verdict = is_done ? Verdict::kError : Verdict::kTimeout;
      report.message = is_done ? "the scenario's driver failed" : "the virtual clock reached its horizon";
      if (!cluster.defect().empty()) report.message = cluster.defect();
      driver.stop();
      loop.run_until(horizon + kUnwind, [&] { return driver.live() == 0; });
    }
    loop.run_ready();
  }
  note_unrun_steps(report, scenario);
  return report;
}

}  // namespace kubeloop::simulator
