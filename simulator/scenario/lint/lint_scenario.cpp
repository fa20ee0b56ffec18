#include "simulator/scenario/lint/lint_scenario.hpp"

#include <algorithm>

#include "simulator/checks/check_file.hpp"
#include "simulator/scenario/input_file.hpp"
#include "simulator/scenario/lint/cluster_flow.hpp"
#include "simulator/scenario/lint/existence.hpp"
#include "simulator/scenario/lint/expectations.hpp"
#include "simulator/scenario/lint/manifests.hpp"
#include "simulator/scenario/lint/meant.hpp"
#include "simulator/scenario/lint/purpose.hpp"
#include "simulator/scenario/lint/scenario_document.hpp"
#include "simulator/scenario/lint/selectors.hpp"
#include "simulator/scenario/lint/timing.hpp"
#include "simulator/scenario/matrix.hpp"
#include "simulator/scenario/parse.hpp"

namespace kubeloop::simulator {
namespace {

constexpr std::size_t kMostFindings = 1000;
constexpr std::size_t kMostPairs = 1'000'000;

bool is_of_kind(const nlohmann::json& value, const char* kind) {
  return value.is_object() && value.contains("kind") && value["kind"] == kind;
}

// A file of another kind: what is in it was never meant to be a scenario.
bool is_manifest(const nlohmann::json& value) {
  if (!value.is_object() || !value.contains("kind") || !value["kind"].is_string()) return false;
  const auto* kind = find_served_kind(value["kind"].get<std::string>());
  return kind && value.contains("apiVersion") && value["apiVersion"] == kind->api_version();
}

// One combination of the parameters; without any, the file itself.
void lint_document(Source& source) {
  read_scenario(source);
  check_manifests(source);
  check_expectations(source);
  // The flow of steps that could not be read would be nonsense.
  if (source.has_error()) return;
  Inventory inventory = take_inventory(source);
  // These look at every object for every step: for a file that was written by a program it would take too long.
  if (inventory.objects.size() * inventory.steps.size() <= kMostPairs) {
    check_selectors(source, inventory);
    check_existence(source, inventory);
  }
  check_cluster_flow(source, inventory.steps);
  check_timing(source, inventory.steps);
}

}  // namespace

std::vector<LintFinding> lint_scenario(const std::string& path, std::string_view text) {
  auto document = read_scenario_document(path, text);
  if (!document) return {document.error()};
  Source as_written(path, *document);
  if (is_manifest(document->value)) {
    as_written.fail("KL106", "/kind", "kind must be Scenario; this is a manifest",
                    "a scenario applies it: apply: {file: NAME}");
    return as_written.findings();
  }
  if (is_of_kind(document->value, "Checks")) {
    read_check_file(as_written);
    check_expectations(as_written);
    return as_written.findings();
  }
  auto combinations = expand_matrix(as_written, {});
  std::vector<LintFinding> found;
  for (const auto& combination : combinations) {
    Source source(path, combination.document);
    lint_document(source);
    for (auto& finding : source.findings()) {
      if (std::ranges::find(found, finding) == found.end()) found.push_back(std::move(finding));
    }
    if (found.size() > kMostFindings) break;
  }
  for (auto& finding : found) as_written.add(std::move(finding));
  if (!as_written.has_error()) check_purpose(as_written, list_steps(as_written));
  return as_written.findings();
}

std::vector<LintFinding> lint_scenario_file(const std::string& path) {
  auto text = read_input_file(path);
  if (text) return lint_scenario(path, *text);
  LintFinding finding;
  finding.code = text.error().code == 413 ? "KL004" : "KL401";
  finding.path = path;
  finding.message = text.error().message;
  if (finding.message.starts_with(path + ": ")) finding.message.erase(0, path.size() + 2);
  return {finding};
}

bool has_errors(const std::vector<LintFinding>& findings) {
  return std::ranges::any_of(findings, [](const LintFinding& finding) { return !finding.is_warning; });
}

}  // namespace kubeloop::simulator
