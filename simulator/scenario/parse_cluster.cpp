#include "simulator/scenario/parse_cluster.hpp"

#include <fmt/format.h>

#include "kubelet-sim/runtime/behaviour.hpp"
#include "simulator/cluster/component_flags.hpp"
#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/parse_node_pools.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

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

void parse_timings(Source& source, const json& timings, const std::string& pointer, Scenario& scenario) {
  Fields names(source, timings, pointer, "realTimings");
  for (const auto& name : known_timings()) {
    auto duration = names.duration(name);
    if (!duration) continue;
    if (name.ends_with("-seconds") && *duration % std::chrono::seconds(1) != Duration::zero()) {
      source.fail("KL105", names.pointer(name), "\"" + name + "\" takes whole seconds");
    }
    scenario.real_timings.push_back({name, *duration});
  }
  names.finish();
}

void parse_flags(Source& source, const json& flags, const std::string& pointer, const std::string& component,
                 ComponentSetup& setup) {
  if (!flags.is_object() || flags.size() > kMaxFlags) {
    source.fail("KL103", pointer,
                fmt::format("\"flags\" is a mapping of flags and their values, at most {}", kMaxFlags));
    return;
  }
  bool is_all_right = true;
  for (const auto& [name, value] : flags.items()) {
    std::string at = pointer + "/" + escape_pointer(name);
    auto known = known_flags(component);
    if (!known.contains(name)) {
      std::string list;
      for (const auto& one : known) list += (list.empty() ? "" : ", ") + one;
      source.fail_key("KL106", at, fmt::format("{} has no flag \"{}\" (known: {})", component, name, list),
                      did_you_mean(name, known));
      is_all_right = false;
    } else if (!value.is_primitive() || value.is_null()) {
      source.fail(at, "the value of a flag is a text, a number, true or false");
      is_all_right = false;
    } else {
      setup.flags.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
      auto problem = flag_problem(component, setup.flags.back());
      if (!problem.empty()) source.fail(at, problem);
      is_all_right = is_all_right && problem.empty();
    }
  }
  auto problem = is_all_right ? flags_problem(component, setup.flags) : "";
  if (!problem.empty()) source.fail(pointer, problem);
}

// "off" (which YAML reads as false), or {start: false, flags: {...}}.
void parse_component_setup(Source& source, const json& value, const std::string& pointer, const std::string& component,
                           Scenario& scenario) {
  ComponentSetup setup;
  if (value.is_boolean() || value == "off" || value == "on") {
    setup.is_off = value == false || value == "off";
  } else if (value.is_object()) {
    Fields fields(source, value, pointer, "the setup of a component");
    if (fields.has("start")) setup.is_off = !fields.boolean("start");
    if (const json* flags = fields.get("flags")) {
      parse_flags(source, *flags, fields.pointer("flags"), component, setup);
    }
    fields.finish();
  } else {
    source.fail(pointer, "\"" + component + "\" is off, or a mapping with \"flags\"");
  }
  if (setup.is_off && component == "apiserver") {
    source.fail(pointer, "the apiserver cannot be off from the beginning; a step can kill it");
  }
  scenario.components[component] = std::move(setup);
}

void parse_components(Source& source, const json& value, const std::string& pointer, Scenario& scenario) {
  Fields components(source, value, pointer, "components");
  for (const char* name : {"apiserver", "scheduler", "controller-manager", "kubelet-sim"}) {
    if (const json* setup = components.get(name)) {
      parse_component_setup(source, *setup, components.pointer(name), name, scenario);
    }
  }
  components.finish();
}

// {image: "web:*", run: "5s exit 1 x3, forever"}: the notation of the pods' annotations.
void parse_behaviour(Source& source, const json& value, const std::string& pointer, Scenario& scenario) {
  Fields fields(source, value, pointer, "a behaviour");
  kubelet_sim::ImageRule rule;
  rule.image = fields.required_text("image");
  for (const auto& name : kubelet_sim::behaviour_names()) {
    if (!fields.has(name)) continue;
    std::string text = fields.text(name);
    kubelet_sim::Behaviour tried;
    if (kubelet_sim::apply_behaviour(tried, name, text)) {
      rule.texts[name] = text;
    } else if (!text.empty()) {
      source.fail(fields.pointer(name), "\"" + text + "\" is no behaviour for \"" + name + "\", like " +
                                            (name == "pull"   ? "3s, not-found, denied or timeout"
                                             : name == "run"  ? "forever, 90s, \"5s exit 1 x3, forever\" or 2m oom"
                                             : name == "stop" ? "ignore, 2s or \"2s exit 3\""
                                                              : "ok, fail or \"fail 60s-90s, 120s-\""));
    }
  }
  fields.finish();
  if (rule.texts.empty() && !source.has_error_at(pointer))
    source.fail(pointer, "a behaviour says nothing of the image");
  scenario.behaviours.push_back(std::move(rule));
}

void parse_behaviours(Source& source, const json& list, const std::string& pointer, Scenario& scenario) {
  if (!list.is_array() || list.size() > kMaxBehaviours) {
    source.fail("KL103", pointer, fmt::format("\"behaviours\" is a list of at most {}", kMaxBehaviours));
    return;
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    parse_behaviour(source, list[i], pointer + "/" + std::to_string(i), scenario);
  }
}

}  // namespace

void parse_cluster(Source& source, Fields& spec, Scenario& scenario) {
  const json* value = spec.get("cluster");
  if (!value) return;
  Fields cluster(source, *value, spec.pointer("cluster"), "cluster");
  const json* pools = cluster.get("nodePools");
  // Who describes the nodes by pools gets no others, unless asked for.
  scenario.nodes = static_cast<int>(cluster.integer("nodes", 0, kMaxNodes).value_or(pools ? 0 : 3));
  if (pools) parse_node_pools(source, *pools, cluster.pointer("nodePools"), scenario);
  if (const json* components = cluster.get("components")) {
    parse_components(source, *components, cluster.pointer("components"), scenario);
  }
  if (const json* behaviours = cluster.get("behaviours")) {
    parse_behaviours(source, *behaviours, cluster.pointer("behaviours"), scenario);
  }
  if (const json* timings = cluster.get("realTimings")) {
    parse_timings(source, *timings, cluster.pointer("realTimings"), scenario);
  }
  cluster.finish();
}

}  // namespace kubeloop::simulator
