#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "kubeloop/commands.hpp"
#include "kubeloop/real_loop.hpp"
#include "kubeloop/report_files.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/run/run_in_real_time.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

constexpr int kUsage = static_cast<int>(Verdict::kUsage);

// `word` as a shell takes it.
std::string quoted(const std::string& word) {
  auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("/._-+=:,@", c));
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return word;
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The command that runs this again.
std::string repeating_command(const std::string& file, const RunReport& report) {
  std::string command = fmt::format("kubeloop run {} --time {} --seed {}", quoted(file),
                                    report.is_virtual ? "virtual" : "real", report.seed);
  if (report.shuffle_seed) command += fmt::format(" --shuffle {}", *report.shuffle_seed);
  return command;
}

// Real or virtual, as asked and as the scenario allows; nothing when that does not go together.
std::optional<bool> choose_virtual(const RunCommand& command, const Scenario& scenario, Terminal& terminal) {
  bool needs_virtual = command.is_twice || command.shuffle_seed || command.time == "virtual";
  bool needs_real = command.keeps_cluster || !command.on.empty() || command.time == "real";
  if (needs_virtual && needs_real) {
    terminal.error("--twice and --shuffle go with virtual time, --keep and --on with real time");
    return std::nullopt;
  }
  bool is_virtual = needs_virtual || (!needs_real && !scenario.runs_in_real_time);
  bool is_declared = is_virtual ? scenario.runs_in_virtual_time : scenario.runs_in_real_time;
  if (!is_declared) {
    terminal.error(scenario.name + " does not declare " + (is_virtual ? "virtual" : "real") + " time");
    return std::nullopt;
  }
  return is_virtual;
}

RunReport run_virtual(const RunCommand& command, const Scenario& scenario, Detail detail) {
  VirtualRunOptions options;
  options.detail = detail;
  options.seed = command.seed.value_or(scenario.seed);
  options.shuffle_seed = command.shuffle_seed;
  RunReport report = run_in_virtual_time(scenario, options);
  if (!command.is_twice) return report;
  RunReport again = run_in_virtual_time(scenario, options);
  if (to_json_text({report}) != to_json_text({again})) {
    report.verdict = Verdict::kDiverged;
    report.message = fmt::format("the same seed gave another history: {} and {}", report.history, again.history);
  }
  return report;
}

RunReport run_real_time(const RunCommand& command, const Scenario& scenario, Detail detail, Terminal& terminal,
                        bool& is_interrupted) {
  RunReport report;
  report.scenario = scenario.name;
  report.verdict = Verdict::kError;
  report.message = "interrupted";
  int code = run_real([&](const Env& env, boost::asio::io_context& context) -> awaitable<int> {
    RealRunOptions options;
    options.seed = command.seed.value_or(scenario.seed);
    options.on = command.on;
    options.detail = detail;
    options.keeps_cluster = command.keeps_cluster;
    options.bin_dir = program_folder();
    options.progress = [&terminal](const std::string& text) { terminal.begin(text); };
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

// Of several scenarios the worst counts: a history that differs, then an error, a failed assertion, a timeout.
int worse(int a, int b) {
  static constexpr int kOrder[] = {0, 5, 4, 7, 1, 6};
  auto rank = [](int code) {
    for (int i = 0; i < 6; ++i) {
      if (kOrder[i] == code) return i;
    }
    return 6;
  };
  return rank(a) >= rank(b) ? a : b;
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
  // All files are read before anything runs.
  std::vector<std::pair<Scenario, bool>> scenarios;
  for (const auto& file : command.files) {
    auto scenario = load_scenario(file);
    if (!scenario) {
      terminal.error(scenario.error().message);
      return 1;
    }
    auto is_virtual = choose_virtual(command, *scenario, terminal);
    if (!is_virtual) return kUsage;
    scenarios.emplace_back(std::move(*scenario), *is_virtual);
  }
  std::vector<RunReport> reports;
  int code = 0;
  bool is_interrupted = false;
  for (const auto& [scenario, is_virtual] : scenarios) {
    reports.push_back(is_virtual ? run_virtual(command, scenario, wanted->detail())
                                 : run_real_time(command, scenario, wanted->detail(), terminal, is_interrupted));
    if (is_interrupted) return 130;
    reports.back().command = repeating_command(command.files[reports.size() - 1], reports.back());
    code = worse(code, static_cast<int>(reports.back().verdict));
    if (wanted->has_text()) {
      fmt::print("{}{}", reports.size() > 1 ? "\n" : "", to_text(reports.back()));
      std::fflush(stdout);
    } else {
      terminal.line(verdict_line(reports.back()));
    }
  }
  auto written = wanted->write(reports);
  if (!written) terminal.error(written.error().message);
  return worse(code, written ? 0 : 1);
}

}  // namespace kubeloop::cli
