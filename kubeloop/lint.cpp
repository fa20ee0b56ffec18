// `kubeloop lint`: what is wrong with scenario files; and the same before `kubeloop run` runs anything.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>

#include "kubeloop/commands.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/scenario/lint/lint_scenario.hpp"
#include "simulator/scenario/lint/report.hpp"
#include "simulator/scenario/lint_codes.hpp"
#include "simulator/scenario/scenario_files.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

constexpr int kUsage = 2;

std::vector<LintFinding> lint_files(const std::vector<std::string>& files) {
  std::vector<LintFinding> found;
  for (const auto& file : files) {
    for (auto& finding : lint_scenario_file(file)) found.push_back(std::move(finding));
  }
  return found;
}

// Folders stand for the scenarios in them; files are taken as they are, so that one that is no scenario is told.
Result<std::vector<std::string>> expand_folders(const std::vector<std::string>& named) {
  std::vector<std::string> files;
  for (const auto& name : named) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(name, ignored)) {
      files.push_back(name);
      continue;
    }
    auto inside = find_scenario_files({name});
    if (!inside) return std::unexpected(inside.error());
    for (const auto& file : *inside) files.push_back(file.path);
  }
  return files;
}

int explain_codes(const std::vector<std::string>& codes) {
  Terminal terminal;
  bool is_first = true;
  for (const auto& code : codes) {
    const auto* known = find_lint_code(code);
    if (!known) {
      terminal.error("there is no code " + code + "; the codes are in docs/scenarios.md");
      return kUsage;
    }
    fmt::print("{}{}", is_first ? "" : "\n", explain(*known));
    is_first = false;
  }
  return 0;
}

}  // namespace

int run_lint(const LintCommand& command) {
  if (!command.explained.empty()) return explain_codes(command.explained);
  Terminal terminal;
  if (command.files.empty()) {
    terminal.error("lint needs a FILE, or --explain CODE");
    return kUsage;
  }
  auto files = expand_folders(command.files);
  if (!files) {
    terminal.error(files.error().message);
    return kUsage;
  }
  auto found = lint_files(*files);
  if (command.output == "json") {
    fmt::print("{}\n", to_json(found, files->size()).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}{}\n", to_text(found), summary(found, files->size()));
  }
  return has_errors(found) ? 1 : 0;
}

bool lint_before_run(const std::vector<std::string>& files) {
  auto found = lint_files(files);
  if (found.empty()) return true;
  fmt::print(stderr, "{}", to_text(found));
  if (!has_errors(found)) return true;
  Terminal terminal;
  terminal.error(summary(found, files.size()) + ": nothing was run");
  return false;
}

}  // namespace kubeloop::cli
