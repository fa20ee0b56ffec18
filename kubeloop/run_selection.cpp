#include "kubeloop/run_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "libs/api/selectors/label_selector.hpp"
#include "simulator/scenario/engine.hpp"
#include "simulator/scenario/scenario_files.hpp"
#include "simulator/sweep/mistakes.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

constexpr int kUsage = static_cast<int>(Verdict::kUsage);
constexpr int kError = static_cast<int>(Verdict::kError);

// "replicas=3"
std::optional<Settings> read_settings(const std::vector<std::string>& texts, Terminal& terminal) {
  Settings settings;
  for (const auto& text : texts) {
    auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      terminal.error("--set takes NAME=VALUE, not \"" + text + "\"");
      return std::nullopt;
    }
    if (!settings.emplace(text.substr(0, equals), text.substr(equals + 1)).second) {
      terminal.error("--set gives \"" + text.substr(0, equals) + "\" twice");
      return std::nullopt;
    }
  }
  return settings;
}

// A parameter that no file has is most probably a slip.
bool are_known(const Settings& settings, const std::vector<SelectedRun>& runs, Terminal& terminal) {
  for (const auto& [name, value] : settings) {
    bool is_known = std::ranges::any_of(runs, [&](const SelectedRun& run) {
      return std::ranges::any_of(run.scenario.parameters, [&](const auto& one) { return one.first == name; });
    });
    if (is_known) continue;
    terminal.error("--set " + name + "=" + value + ": no scenario has a parameter \"" + name + "\" in its matrix");
    return false;
  }
  return true;
}

enum class Fit { kReal, kVirtual, kNotDeclared };

Fit fit(const RunCommand& command, bool needs_virtual, const Scenario& scenario) {
  bool needs_real = command.keeps_cluster || !command.on.empty() || command.time == "real";
  bool is_virtual = needs_virtual || (!needs_real && !scenario.runs_in_real_time);
  bool is_declared = is_virtual ? scenario.runs_in_virtual_time : scenario.runs_in_real_time;
  if (!is_declared) return Fit::kNotDeclared;
  return is_virtual ? Fit::kVirtual : Fit::kReal;
}

std::string undeclared(const Scenario& scenario, bool needs_virtual) {
  return scenario.name + " does not declare " + (needs_virtual ? "virtual" : "real") + " time";
}

std::expected<std::vector<SelectedRun>, int> read_all(const std::vector<ScenarioFile>& files, const Settings& settings,
                                                      Terminal& terminal) {
  std::vector<SelectedRun> runs;
  for (const auto& file : files) {
    auto scenarios = load_scenarios(file.path, settings);
    if (!scenarios) {
      terminal.error(scenarios.error().message);
      return std::unexpected(kError);
    }
    for (auto& scenario : *scenarios) {
      SelectedRun run;
      run.file = file.path;
      run.scenario = std::move(scenario);
      runs.push_back(std::move(run));
    }
  }
  return runs;
}

std::vector<std::string> paths_of(const std::vector<ScenarioFile>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files) paths.push_back(file.path);
  return paths;
}

bool was_named(const std::vector<ScenarioFile>& files, const std::string& path) {
  return std::ranges::any_of(files, [&](const ScenarioFile& file) { return file.path == path && file.is_named; });
}

}  // namespace

std::expected<std::vector<SelectedRun>, int> select_runs(const RunCommand& command, Terminal& terminal) {
  bool needs_virtual = needs_virtual_time(command);
  if (needs_virtual && (command.keeps_cluster || !command.on.empty() || command.time == "real")) {
    terminal.error(
        "--twice, --shuffle, --seeds, --faults and --wire go with virtual time, --keep and --on with real time");
    return std::unexpected(kUsage);
  }
  if (!command.planted.empty() && !find_mistake(command.planted)) {
    terminal.error("--plant: there is no mistake \"" + command.planted + "\", there are\n" + list_of_mistakes());
    return std::unexpected(kUsage);
  }
  auto selector = api::parse_label_selector(command.selector);
  if (!selector) {
    terminal.error("--selector: " + selector.error().message);
    return std::unexpected(kUsage);
  }
  auto settings = read_settings(command.settings, terminal);
  if (!settings) return std::unexpected(kUsage);
  auto files = find_scenario_files(command.files);
  if (!files) {
    terminal.error(files.error().message);
    return std::unexpected(kUsage);
  }
  if (!lint_before_run(paths_of(*files))) return std::unexpected(kError);
  auto runs = read_all(*files, *settings, terminal);
  if (!runs) return runs;
  if (!are_known(*settings, *runs, terminal)) return std::unexpected(kUsage);
  std::erase_if(*runs, [&](const SelectedRun& run) { return !selector->matches(run.scenario.labels); });
  if (runs->empty()) {
    terminal.error(fmt::format("no scenario of {} has labels that match \"{}\"",
                               files->size() == 1 ? "1 file" : fmt::format("{} files", files->size()),
                               command.selector));
    return std::unexpected(kUsage);
  }
  std::vector<SelectedRun> chosen;
  for (auto& run : *runs) {
    Fit found = fit(command, needs_virtual, run.scenario);
    run.is_virtual = found == Fit::kVirtual;
    if (found != Fit::kNotDeclared) {
      chosen.push_back(std::move(run));
      continue;
    }
    std::string text = undeclared(run.scenario, needs_virtual);
    if (was_named(*files, run.file)) {
      terminal.error(text);
      return std::unexpected(kUsage);
    }
    terminal.line("note: " + text + ": it is left out");
  }
  if (!chosen.empty()) return chosen;
  terminal.error("nothing is left to run");
  return std::unexpected(kUsage);
}

bool needs_virtual_time(const RunCommand& command) {
  bool has_faults = command.draws_faults || !command.fault_areas.empty() || !command.planted.empty();
  bool explores = command.is_twice || command.shuffle_seed || command.shuffles || command.seeds > 0;
  bool is_watched = !command.speed.empty() || command.is_paused || !command.break_at.empty();
  return explores || is_watched || has_faults || command.is_wire || command.has_sqlite || !command.shrink_to.empty() ||
         command.time == "virtual";
}

}  // namespace kubeloop::cli
