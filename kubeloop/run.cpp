#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "kubeloop/commands.hpp"
#include "kubeloop/play.hpp"
#include "kubeloop/real_loop.hpp"
#include "kubeloop/repeat.hpp"
#include "kubeloop/report_files.hpp"
#include "kubeloop/run_selection.hpp"
#include "kubeloop/shrink.hpp"
#include "kubeloop/sweep.hpp"
#include "kubeloop/terminal.hpp"
#include "libs/base/planted.hpp"
#include "simulator/run/run_in_real_time.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

constexpr int kUsage = static_cast<int>(Verdict::kUsage);

RunReport run_virtual(const RunCommand& command, const Scenario& scenario, Detail detail) {
  VirtualRunOptions options = virtual_options(command, scenario);
  options.detail = detail;
  std::optional<Player> player;
  if (!command.speed.empty() || command.is_paused || !command.break_at.empty()) {
    player.emplace(command.speed.empty() ? 0 : parse_speed(command.speed).value_or(0), command.is_paused,
                   command.break_at);
    options.spectator = player->spectator();
  }
  return run_and_compare(scenario, options, command.is_twice);
}

// What a running cluster is not made for.
void note_ignored(const RunCommand& command, const Scenario& scenario, Terminal& terminal) {
  if (command.on.empty()) return;
  std::string ignored;
  auto add = [&ignored](bool is_there, const char* what) {
    if (is_there) ignored += (ignored.empty() ? "" : ", ") + std::string(what);
  };
  add(!scenario.node_pools.empty(), "nodePools");
  add(!scenario.components.empty(), "components");
  add(!scenario.behaviours.empty(), "behaviours");
  if (!ignored.empty()) {
    terminal.line("note: " + scenario.name + ": the cluster is as it is; its " + ignored + " are ignored");
  }
}

RunReport run_real_time(const RunCommand& command, const Scenario& scenario, Detail detail, Terminal& terminal,
                        bool& is_interrupted) {
  RunReport report;
  report.scenario = scenario.name;
  report.verdict = Verdict::kError;
  report.message = "interrupted";
  note_ignored(command, scenario, terminal);
  int code = run_real([&](const Env& env, boost::asio::io_context& context) -> awaitable<int> {
    RealRunOptions options;
    options.seed = command.seed.value_or(scenario.seed);
    options.on = command.on;
    options.detail = detail;
    options.keeps_cluster = command.keeps_cluster;
    options.bin_dir = program_folder();
    options.progress = [&terminal](const std::string& text) { terminal.begin(text); };
    options.step_progress = [&terminal](const std::string& text) { terminal.progress(text); };
    auto result = co_await run_in_real_time(env, context, scenario, options);
    report = std::move(result.report);
    if (!result.kept_cluster.empty()) {
      terminal.line("the cluster is kept: kubeloop status --name " + result.kept_cluster + ", kubeloop down --name " +
                    result.kept_cluster);
    }
    co_return 0;
  });
  is_interrupted = code == 130;
  report.verdict == Verdict::kPassed ? terminal.done() : terminal.failed();
  return report;
}

// "12 passed, 1 failed: NAME"
std::string summary(const std::vector<RunReport>& reports) {
  std::size_t passed = 0;
  std::string failed;
  for (const auto& report : reports) {
    if (report.verdict == Verdict::kPassed) {
      ++passed;
    } else {
      failed += (failed.empty() ? "" : ", ") + report.scenario;
    }
  }
  std::string text = fmt::format("{} passed", passed);
  if (!failed.empty()) text += fmt::format(", {} failed: {}", reports.size() - passed, failed);
  return text;
}

}  // namespace

int run_run(const RunCommand& command) {
  Terminal terminal;
  auto wanted = ReportFiles::parse(command.reports);
  if (!wanted) {
    terminal.error(wanted.error().message);
    return kUsage;
  }
  if (auto checked = wanted->check(); !checked) {
    terminal.error(checked.error().message);
    return 1;
  }
  auto runs = select_runs(command, terminal);
  if (!runs) return runs.error();
  PlantedMistake mistake(command.planted);
  if (command.seeds > 0) return run_sweep(command, *runs, *wanted, terminal);
  std::vector<RunReport> reports;
  Verdict verdict = Verdict::kPassed;
  bool is_interrupted = false;
  bool are_several = runs->size() > 1;
  for (const auto& [file, scenario, is_virtual] : *runs) {
    if (are_several) terminal.line(fmt::format("[{}/{}] {}", reports.size() + 1, runs->size(), scenario.name));
    reports.push_back(is_virtual ? run_virtual(command, scenario, wanted->detail())
                                 : run_real_time(command, scenario, wanted->detail(), terminal, is_interrupted));
    RunReport& report = reports.back();
    if (is_interrupted) return 130;
    report.command = repeating_command(command, file, scenario, report.is_virtual, report.seed, report.shuffle_seed);
    verdict = worse(verdict, report.verdict);
    // Of many nobody reads all the stories: unless they are asked for, only of those that failed.
    bool is_told =
        wanted->has_text() && (!are_several || !command.reports.empty() || report.verdict != Verdict::kPassed);
    if (is_told) {
      fmt::print("{}{}", reports.size() > 1 ? "\n" : "", to_text(report));
    } else if (wanted->has_text()) {
      fmt::print("{}\n", verdict_line(report));
    } else {
      terminal.line(verdict_line(report));
    }
    std::fflush(stdout);
  }
  if (are_several) terminal.line(summary(reports));
  auto failed = std::ranges::find_if(reports, [](const auto& r) { return r.verdict != Verdict::kPassed; });
  if (!command.shrink_to.empty() && failed != reports.end()) {
    const SelectedRun& run = (*runs)[static_cast<std::size_t>(failed - reports.begin())];
    auto shrunk = shrink_failure(command, run, virtual_options(command, run.scenario), *failed, terminal);
    if (!shrunk) terminal.error(shrunk.error().message);
  }
  auto written = wanted->write(reports);
  if (!written) terminal.error(written.error().message);
  return static_cast<int>(worse(verdict, written ? Verdict::kPassed : Verdict::kError));
}

}  // namespace kubeloop::cli
