// `kubeloop lint`: what is wrong with scenario files; and the same before `kubeloop run` runs anything.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

#include "kubeloop/commands.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/scenario/lint/lint_scenario.hpp"
#include "simulator/scenario/lint/report.hpp"
#include "simulator/scenario/lint_codes.hpp"

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
  if (command.files.empty()) {
    Terminal terminal;
    terminal.error("lint needs a FILE, or --explain CODE");
    return kUsage;
  }
  auto found = lint_files(command.files);
  if (command.output == "json") {
    fmt::print("{}\n",
               to_json(found, command.files.size()).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}{}\n", to_text(found), summary(found, command.files.size()));
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
