// The scenario language: what stands around the steps.
#include <fmt/format.h>

#include "simulator/scenario/input_file.hpp"
#include "simulator/scenario/parse_steps.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr int kMaxNodes = 5000;

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
  if (!is_list) source.fail(spec.pointer("times"), "\"times\" is a list of real and virtual, it is " + times->dump());
}

// The timings that real time may shorten, and what they are upstream.
const std::set<std::string>& known_timings() {
  static const std::set<std::string> kTimings = {"node-monitor-period",
                                                 "node-monitor-grace-period",
                                                 "node-startup-grace-period",
                                                 "default-unreachable-toleration-seconds",
                                                 "default-not-ready-toleration-seconds",
                                                 "node-lease-renew-interval"};
  return kTimings;
}

void parse_cluster(Source& source, Fields& spec, Scenario& scenario) {
  const json* value = spec.get("cluster");
  if (!value) return;
  Fields cluster(source, *value, spec.pointer("cluster"), "cluster");
  scenario.nodes = static_cast<int>(cluster.integer("nodes").value_or(3));
  if (scenario.nodes < 0 || scenario.nodes > kMaxNodes) {
    source.fail(cluster.pointer("nodes"), fmt::format("\"nodes\" must be between 0 and {}", kMaxNodes));
  }
  if (const json* timings = cluster.get("realTimings")) {
    std::string pointer = cluster.pointer("realTimings");
    Fields names(source, *timings, pointer, "realTimings");
    for (const auto& name : known_timings()) {
      auto duration = names.duration(name);
      if (!duration) continue;
      if (name.ends_with("-seconds") && *duration % std::chrono::seconds(1) != Duration::zero()) {
        source.fail(names.pointer(name), "\"" + name + "\" takes whole seconds");
      }
      scenario.real_timings.push_back({name, *duration});
    }
    names.finish();
  }
  cluster.finish();
}

}  // namespace

Result<Scenario> parse_scenario(const std::string& path, std::string_view text) {
  auto documents = api::parse_yaml(text, path);
  if (!documents) return std::unexpected(documents.error());
  if (documents->empty() || (*documents)[0].value.is_null()) return failure(400, "BadRequest", path + ": is empty");
  if (documents->size() > 1) return failure(400, "BadRequest", path + ": more than one document; a scenario is one");
  Source source{path, (*documents)[0], std::nullopt};
  Scenario scenario;
  Fields root(source, source.document.value, "", "a scenario");
  if (root.required_text("apiVersion") != "kubeloop.dev/v1")
    source.fail("/apiVersion", "apiVersion must be kubeloop.dev/v1");
  if (root.required_text("kind") != "Scenario") source.fail("/kind", "kind must be Scenario");
  static const json kEmpty = json::object();
  const json* metadata = root.get("metadata");
  Fields meta(source, metadata ? *metadata : kEmpty, "/metadata", "metadata");
  scenario.name = meta.required_text("name");
  scenario.description = meta.text("description");
  meta.finish();
  const json* body = root.get("spec");
  Fields spec(source, body ? *body : kEmpty, "/spec", "spec");
  auto seed = spec.integer("seed");
  if (seed.value_or(0) < 0) source.fail("/spec/seed", "\"seed\" must not be negative");
  scenario.seed = static_cast<std::uint64_t>(seed.value_or(1));
  parse_times(source, spec, scenario);
  parse_cluster(source, spec, scenario);
  const json* steps = spec.get("steps");
  if (steps) {
    parse_steps(source, *steps, "/spec/steps", scenario);
  } else {
    source.fail("/spec", "spec needs \"steps\"");
  }
  spec.finish();
  root.finish();
  if (source.error) return failure(*source.error);
  return scenario;
}

Result<Scenario> load_scenario(const std::string& path) {
  auto text = read_input_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_scenario(path, *text);
}

}  // namespace kubeloop::simulator
