#include "kubeloop/sweep.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "kubeloop/repeat.hpp"
#include "kubeloop/shrink.hpp"
#include "simulator/sweep/sweep.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

constexpr std::size_t kShownSeeds = 8;
constexpr std::size_t kShownCauses = 6;

std::set<FaultArea> areas_of(const RunCommand& command) {
  std::set<FaultArea> areas;
  for (const auto& name : command.fault_areas) {
    if (auto area = find_area(name)) areas.insert(*area);
  }
  return areas;
}

SweepOptions sweep_options(const RunCommand& command) {
  SweepOptions options;
  options.first_seed = command.seed.value_or(1);
  options.seeds = command.seeds;
  options.shuffles = command.shuffles || command.shuffle_seed.has_value();
  options.draws_faults = command.draws_faults || !command.fault_areas.empty();
  options.fault_areas = areas_of(command);
  options.is_twice = command.is_twice;
  options.fidelity = command.is_wire ? Fidelity::kWire : Fidelity::kDirect;
  options.medium = command.has_sqlite ? Medium::kSqlite : Medium::kMemory;
  options.workers = command.workers;
  return options;
}

double cpu_seconds_of_workers() {
  struct rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Failures of one scenario that came to the same.
struct Group {
  const SweepFailure* first = nullptr;
  std::vector<std::uint64_t> others;
};

std::vector<Group> grouped(const std::vector<SweepFailure>& failures) {
  std::vector<Group> groups;
  for (const auto& failure : failures) {
    auto same = std::ranges::find_if(groups, [&](const Group& group) {
      return group.first->scenario == failure.scenario && group.first->verdict == failure.verdict &&
             group.first->violation == failure.violation;
    });
    if (same == groups.end()) {
      groups.push_back({&failure, {}});
    } else {
      same->others.push_back(failure.seed);
    }
  }
  return groups;
}

void print_group(const RunCommand& command, const std::vector<SelectedRun>& runs, const Group& group) {
  const SweepFailure& failure = *group.first;
  const SelectedRun& run = runs[failure.scenario];
  fmt::print("FAIL {}, seed {}: {}: {}\n", run.scenario.name, failure.seed, verdict_name(failure.verdict),
             failure.message);
  std::size_t shown = std::min(failure.causes.size(), kShownCauses);
  for (std::size_t i = 0; i < shown; ++i) {
    fmt::print("     {}{}\n", i == 0 ? "          " : "because of ", failure.causes[i]);
  }
  if (!group.others.empty()) {
    std::string seeds;
    for (std::size_t i = 0; i < std::min(group.others.size(), kShownSeeds); ++i) {
      seeds += fmt::format("{}{}", i == 0 ? "" : ", ", group.others[i]);
    }
    if (group.others.size() > kShownSeeds) seeds += ", ...";
    fmt::print("     likewise with {} more: seeds {}\n", group.others.size(), seeds);
  }
  std::optional<std::uint64_t> shuffle_seed;
  if (sweep_options(command).shuffles) shuffle_seed = failure.seed;
  fmt::print("     again: {}{}\n", repeating_command(command, run.file, run.scenario, true, failure.seed, shuffle_seed),
             failure.verdict == Verdict::kDiverged ? " --twice" : "");
}

}  // namespace

VirtualRunOptions virtual_options(const RunCommand& command, const Scenario& scenario) {
  auto sweep = sweep_options(command);
  VirtualRunOptions options = options_of(sweep, command.seed.value_or(scenario.seed));
  options.shuffle_seed = command.shuffle_seed ? command.shuffle_seed : scenario.shuffle_seed;
  if (command.shuffles) options.shuffle_seed = options.seed;
  return options;
}

int run_sweep(const RunCommand& command, const std::vector<SelectedRun>& runs, const ReportFiles& reports,
              Terminal& terminal) {
  std::vector<Scenario> scenarios;
  for (const auto& run : runs) scenarios.push_back(run.scenario);
  auto options = sweep_options(command);
  std::signal(SIGPIPE, SIG_IGN);
  terminal.begin(fmt::format("{} {} with {} seeds each{}{}", scenarios.size(),
                             scenarios.size() == 1 ? "scenario" : "scenarios", options.seeds,
                             options.draws_faults ? ", with faults" : "", options.shuffles ? ", shuffled" : ""));
  auto progress = [&terminal](std::uint64_t done, std::uint64_t all, std::size_t failed) {
    terminal.progress(fmt::format("{}/{} runs, {} failed", done, all, failed));
  };
  auto result = sweep(scenarios, options, progress);
  if (!result) return terminal.fail(result.error());
  result->failures.empty() ? terminal.done() : terminal.failed();
  for (const auto& group : grouped(result->failures)) print_group(command, runs, group);
  if (!command.shrink_to.empty() && !result->failures.empty()) {
    const SweepFailure& first = result->failures.front();
    const SelectedRun& run = runs[first.scenario];
    VirtualRunOptions one = options_of(options, first.seed);
    auto failed = run_and_compare(run.scenario, one, options.is_twice);
    auto shrunk = shrink_failure(command, run, one, failed, terminal);
    if (!shrunk) terminal.error(shrunk.error().message);
  }
  double hours = static_cast<double>(result->virtual_time.count()) / 3.6e12;
  fmt::print("{} runs: {} passed, {} failed; {:.1f} virtual hours, {} faults, {} turns, {:.0f} s of CPU\n",
             result->runs, result->runs - result->failures.size(), result->failures.size(), hours, result->faults,
             result->loop_steps, cpu_seconds_of_workers());
  return static_cast<int>(result->verdict());
}

}  // namespace kubeloop::cli
