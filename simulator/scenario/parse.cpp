// The scenario language: what stands around the steps.
#include <fmt/format.h>

#include "simulator/checks/parse_check.hpp"
#include "simulator/scenario/fault_grammar.hpp"
#include "simulator/scenario/input_file.hpp"
#include "simulator/scenario/lint/scenario_document.hpp"
#include "simulator/scenario/matrix.hpp"
#include "simulator/scenario/parse.hpp"
#include "simulator/scenario/parse_bulk_steps.hpp"
#include "simulator/scenario/parse_cluster.hpp"
#include "simulator/scenario/parse_labels.hpp"
#include "simulator/scenario/parse_steps.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::optional<Duration> parse_horizon(Source& source, Fields& spec) {
  auto horizon = spec.duration("horizon");
  if (horizon == Duration::zero()) {
    source.fail("KL105", spec.pointer("horizon"), "\"horizon\" must be longer than nothing");
  }
  return horizon;
}

void parse_times(Source& source, Fields& spec, Scenario& scenario) {
  const json* times = spec.get("times");
  if (!times) return;
  scenario.runs_in_real_time = scenario.runs_in_virtual_time = false;
  bool is_list = times->is_array() && !times->empty();
  for (std::size_t i = 0; is_list && i < times->size(); ++i) {
    if ((*times)[i] == "real") {
      scenario.runs_in_real_time = true;
    } else if ((*times)[i] == "virtual") {
      scenario.runs_in_virtual_time = true;
    } else {
      is_list = false;
    }
  }
  if (!is_list) {
    std::string meant = times->is_string() ? "[" + times->get<std::string>() + "]" : "[real, virtual]";
    source.fail("KL106", spec.pointer("times"), "\"times\" is a list of real and virtual, it is " + shown(*times),
                meant);
  }
}

}  // namespace

Scenario read_scenario(Source& source) {
  Scenario scenario;
  Fields root(source, source.document.value, "", "a scenario");
  if (root.required_text("apiVersion") != "kubeloop.dev/v1")
    source.fail("KL106", "/apiVersion", "apiVersion must be kubeloop.dev/v1", "kubeloop.dev/v1");
  if (root.required_text("kind") != "Scenario") source.fail("KL106", "/kind", "kind must be Scenario", "Scenario");
  static const json kEmpty = json::object();
  root.require("metadata");
  root.require("spec");
  const json* metadata = root.get("metadata");
  Fields meta(source, metadata ? *metadata : kEmpty, "/metadata", "metadata");
  scenario.name = meta.required_text("name");
  scenario.description = meta.text("description");
  scenario.labels = parse_labels(source, meta, "labels");
  meta.finish();
  const json* body = root.get("spec");
  Fields spec(source, body ? *body : kEmpty, "/spec", "spec");
  auto seed = spec.integer("seed", 0, INT64_MAX);
  scenario.seed = static_cast<std::uint64_t>(seed.value_or(1));
  if (auto shuffle = spec.integer("shuffle", 0, INT64_MAX)) {
    scenario.shuffle_seed = static_cast<std::uint64_t>(*shuffle);
  }
  parse_times(source, spec, scenario);
  scenario.horizon = parse_horizon(source, spec);
  spec.get("matrix");  // expand_matrix has read it
  parse_templates(source, spec);
  parse_cluster(source, spec, scenario);
  const json* steps = spec.get("steps");
  spec.require("steps");
  if (steps) parse_steps(source, *steps, "/spec/steps", scenario);
  if (const json* checks = spec.get("checks")) scenario.checks = parse_named_checks(source, *checks, "/spec/checks");
  if (const json* faults = spec.get("faults")) {
    scenario.faults = parse_planned_faults(source, *faults, "/spec/faults");
  }
  scenario.comes_to_rest = !spec.boolean("restless");
  spec.finish();
  root.finish();
  return scenario;
}

Result<std::vector<Scenario>> parse_scenarios(const std::string& path, std::string_view text,
                                              const Settings& settings) {
  auto document = read_scenario_document(path, text);
  if (!document) return failure(400, "BadRequest", to_line(document.error()));
  Source as_written(path, *document);
  auto combinations = expand_matrix(as_written, settings);
  if (auto error = as_written.first_error()) return failure(*error);
  std::vector<Scenario> scenarios;
  for (const auto& combination : combinations) {
    Source source(path, combination.document);
    Scenario scenario = read_scenario(source);
    if (auto error = source.first_error()) return failure(*error);
    scenario.parameters = combination.parameters;
    scenario.name = name_with_parameters(scenario.name, scenario.parameters);
    scenarios.push_back(std::move(scenario));
  }
  return scenarios;
}

Result<Scenario> parse_scenario(const std::string& path, std::string_view text) {
  auto scenarios = parse_scenarios(path, text, {});
  if (!scenarios) return std::unexpected(scenarios.error());
  if (scenarios->size() != 1) {
    return failure(400, "BadRequest",
                   fmt::format("{}: its matrix has {} combinations; one is asked for", path, scenarios->size()));
  }
  return std::move(scenarios->front());
}

Result<Scenario> load_scenario(const std::string& path) {
  auto text = read_input_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_scenario(path, *text);
}

Result<std::vector<Scenario>> load_scenarios(const std::string& path, const Settings& settings) {
  auto text = read_input_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_scenarios(path, *text, settings);
}

}  // namespace kubeloop::simulator
