#include "simulator/run/run_in_real_time.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "kubelet-sim/config_file.hpp"
#include "libs/base/task_group.hpp"
#include "simulator/cluster/machines.hpp"
#include "simulator/cluster/process_cluster.hpp"
#include "simulator/launcher/hub_connection.hpp"
#include "simulator/story/object_recorder.hpp"

namespace kubeloop::simulator {
namespace {

// What is left running after the last step needs a moment to reach the log.
constexpr Duration kSettle = std::chrono::milliseconds(300);

Verdict verdict_of(const Status& status) {
  if (status.reason == "AddressInUse") return Verdict::kInUse;
  return status.code == 504 ? Verdict::kTimeout : Verdict::kError;
}

void say(const RealRunOptions& options, const std::string& text) {
  if (options.progress) options.progress(text);
}

struct Started {
  ClusterDirectory directory;
  ClusterRecord record;
};

awaitable<Result<Started>> find_or_make(const Env& env, boost::asio::io_context& context, const Scenario& scenario,
                                        const RealRunOptions& options) {
  std::string name = options.on.empty() ? fmt::format("run-{}", getpid()) : options.on;
  auto directory = ClusterDirectory::of(name);
  if (!directory) co_return failure(directory.error());
  Started started{*directory, {}};
  if (!options.on.empty()) {
    auto record = directory->read();
    if (!record) co_return failure(record.error());
    started.record = std::move(*record);
    co_return started;
  }
  UpOptions up;
  up.nodes = node_count(scenario);
  if (has_own_machines(scenario)) up.machines = kubelet_sim::config_text(machines_of(scenario));
  up.components = scenario.components;
  up.dies_with_parent = !options.keeps_cluster;
  up.timings = scenario.real_timings;
  up.seed = options.seed;
  up.bin_dir = options.bin_dir;
  Progress progress = options.progress;
  if (!progress) progress = [](const std::string&) {};
  auto record = co_await bring_up(env, context, *directory, up, progress);
  if (!record) {
    ClusterRecord nothing;
    auto removed = directory->remove(nothing);
    co_return failure(record.error());
  }
  started.record = std::move(*record);
  co_return started;
}

}  // namespace

awaitable<RealRunResult> run_in_real_time(const Env& env, boost::asio::io_context& context, Scenario scenario,
                                          RealRunOptions options) {
  RealRunResult result;
  RunReport& report = result.report;
  report.scenario = scenario.name;
  report.description = scenario.description;
  report.seed = options.seed;
  report.began = env.clock.wall();
  if (options.on.empty()) report.shortened = scenario.real_timings;
  note_unrun_steps(report, scenario);  // until it is known better
  auto started = co_await find_or_make(env, context, scenario, options);
  if (!started) {
    report.verdict = verdict_of(started.error());
    report.message = started.error().message;
    co_return result;
  }
  auto admin = connect_to_hub(env, context, started->directory.file("credentials/admin.conf"));
  if (!admin) {
    report.verdict = verdict_of(admin.error());
    report.message = admin.error().message;
    co_return result;
  }
  bool owns = options.on.empty() && !options.keeps_cluster;
  ProcessCluster cluster(env, context, started->directory, started->record, std::move(*admin), owns);
  WallTime since = options.on.empty() ? WallTime{} : report.began;  // a running cluster has a past that is not ours
  TaskGroup readers(env);
  FlowReader flow(env, cluster.admin());
  ObjectRecord objects;
  ObjectRecorder recorder(env, cluster.admin(), objects);
  FaultDriver faults(env, cluster);
  std::exception_ptr error;
  try {
    readers.spawn("flow log", flow.run());
    if (options.detail != Detail::kSteps) recorder.start(readers);
    std::function<void(const Step&)> on_step = [&options](const Step& step) { say(options, step.text); };
    StepContext context{env, cluster, flow, faults, Patience()};
    context.progress = options.step_progress;
    auto outcome = co_await run_steps(context, scenario, on_step);
    co_await sleep_for(env, kSettle);
    report.verdict = outcome.verdict;
    report.steps = std::move(outcome.steps);
    report.checks = std::move(outcome.checks);
    report.unrun.clear();
    note_unrun_steps(report, scenario);
    complete_report(report, flow, objects, cluster.store_name(), options.detail, since);
  } catch (...) {
    error = std::current_exception();
  }
  // Also when the run is interrupted: nothing of a private cluster stays.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  readers.stop();
  co_await readers.join();
  co_await faults.stop();
  co_await cluster.stop();
  if (error) std::rethrow_exception(error);
  if (options.keeps_cluster && options.on.empty()) result.kept_cluster = started->directory.name();
  co_return result;
}

}  // namespace kubeloop::simulator
