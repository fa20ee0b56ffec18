// The steps of the scenario language: each parser reads one.
#include "simulator/scenario/parse_steps.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "libs/api/selectors/label_selector.hpp"
#include "simulator/checks/find_resource.hpp"
#include "simulator/checks/match.hpp"
#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/fault_grammar.hpp"
#include "simulator/scenario/input_file.hpp"
#include "simulator/scenario/parse_bulk_steps.hpp"
#include "simulator/scenario/parse_check_steps.hpp"
#include "simulator/scenario/parse_exec_step.hpp"
#include "simulator/scenario/secret_text.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxSteps = 10'000;
constexpr std::size_t kMaxStepName = 200;

void add_manifest(Source& source, const std::string& pointer, const json& object, ApplyStep& step) {
  bool is_named = object.is_object() && object.contains("kind") && object.contains("apiVersion") &&
                  object.value("metadata", json::object()).is_object() &&
                  object.value("metadata", json::object()).contains("name");
  if (!is_named) {
    source.fail("KL201", pointer, "a manifest needs apiVersion, kind and metadata.name");
    return;
  }
  step.objects.push_back(object);
}

void read_manifest_file(Source& source, const std::string& pointer, const std::string& name, ApplyStep& step) {
  std::string path = (std::filesystem::path(source.path).parent_path() / name).string();
  auto text = read_input_file(path);
  if (!text) {
    source.fail("KL401", pointer, text.error().message);
    return;
  }
  auto documents = api::parse_yaml(*text, path);
  if (!documents) {
    source.fail("KL402", pointer, documents.error().message);
    return;
  }
  for (const auto& document : *documents) {
    if (document.value.is_null()) continue;
    Source inner(path, document);
    add_manifest(inner, "", document.value, step);
    for (auto& finding : inner.findings()) source.add(std::move(finding));
  }
  if (step.objects.empty() && !source.has_error()) source.fail("KL403", pointer, path + ": no object in it");
}

Step parse_apply(Source& source, const json& value, const std::string& pointer) {
  ApplyStep apply;
  Step step;
  if (value.is_object() && value.contains("kind")) {
    apply.from = "inline";
    add_manifest(source, pointer, value, apply);
  } else if (value.is_array()) {
    apply.from = "inline";
    for (std::size_t i = 0; i < value.size(); ++i)
      add_manifest(source, pointer + "/" + std::to_string(i), value[i], apply);
  } else {
    Fields fields(source, value, pointer, "an apply step");
    apply.from = fields.text("file");
    const json* inline_objects = fields.get("inline");
    fields.finish();
    if (apply.from.empty() == (inline_objects == nullptr)) {
      source.fail("KL107", pointer, "an apply step needs either \"file\" or \"inline\"");
    } else if (inline_objects) {
      return parse_apply(source, *inline_objects, pointer + "/inline");
    } else {
      read_manifest_file(source, pointer + "/file", apply.from, apply);
    }
  }
  for (const auto& object : apply.objects) {
    const auto& name = object["metadata"]["name"];
    std::string kind = object["kind"].is_string() ? object["kind"].get<std::string>() : object["kind"].dump();
    step.text +=
        (step.text.empty() ? "apply " : ", ") + kind + " " + (name.is_string() ? name.get<std::string>() : name.dump());
  }
  step.action = std::move(apply);
  return step;
}

// node: {stop: node-1} and component: {kill: scheduler, at: before-bind} name what is done by the key.
std::pair<bool, std::string> parse_start_or(Source& source, Fields& fields, const std::string& stop_key,
                                            const std::string& pointer) {
  std::string start = fields.text("start");
  std::string stop = fields.text(stop_key);
  if (start.empty() == stop.empty()) source.fail("KL107", pointer, "needs either \"start\" or \"" + stop_key + "\"");
  return {!start.empty(), start.empty() ? stop : start};
}

Step parse_node(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a node step");
  NodeStep node;
  std::tie(node.is_start, node.name) = parse_start_or(source, fields, "stop", pointer);
  fields.finish();
  Step step;
  step.text = (node.is_start ? "start node " : "stop node ") + node.name;
  step.action = std::move(node);
  return step;
}

Step parse_component(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a component step");
  ComponentStep component;
  std::tie(component.is_start, component.name) = parse_start_or(source, fields, "kill", pointer);
  component.place = fields.text("at");
  fields.finish();
  static const std::set<std::string> kComponents = {"apiserver", "scheduler", "controller-manager", "kubelet-sim"};
  if (!kComponents.contains(component.name)) {
    source.fail("KL106", fields.pointer(component.is_start ? "start" : "kill"),
                "\"" + component.name + "\" is no component (apiserver, scheduler, controller-manager, kubelet-sim)",
                did_you_mean(component.name, kComponents));
  }
  if (component.is_start && !component.place.empty())
    source.fail_key("KL107", fields.pointer("at"), "\"at\" goes with \"kill\"", "");
  static const std::map<std::string, std::set<std::string>> kPlaces = {
      {"scheduler", {"before-bind", "after-bind"}},
      {"controller-manager", {"before-eviction"}},
      {"kubelet-sim", {"before-status-patch", "before-pod-delete"}},
      {"apiserver", {}}};
  auto places = kPlaces.find(component.name);
  if (!component.place.empty() && places != kPlaces.end() && !places->second.contains(component.place)) {
    std::string known;
    for (const auto& place : places->second) known += (known.empty() ? "" : ", ") + place;
    source.fail("KL106", fields.pointer("at"),
                "\"" + component.place + "\" is no place to kill " + component.name + " at (" +
                    (known.empty() ? "it has none" : known) + ")",
                did_you_mean(component.place, places->second));
  }
  Step step;
  step.text = (component.is_start ? "start " : "kill ") + component.name +
              (component.place.empty() ? "" : " at " + component.place);
  step.action = std::move(component);
  return step;
}

Step parse_sleep(Source& source, const json& value, const std::string& pointer) {
  Step step;
  SleepStep sleep;
  auto duration = read_duration(source, value, pointer, "sleep");
  sleep.duration = duration.value_or(Duration::zero());
  step.text = "sleep " + format_duration(sleep.duration);
  step.action = sleep;
  return step;
}

// "all pods in default with app=web"
std::string describe_many(const DeleteStep& remove) {
  auto resource = find_resource(remove.object.kind);
  std::string text = "all " + remove.object.kind;
  if (!resource || resource->is_namespaced) text += " in " + remove.object.namespace_;
  if (!remove.selector.empty()) text += " with " + remove.selector;
  return text;
}

Step parse_delete(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a delete step");
  DeleteStep remove;
  remove.is_for_many = fields.has("objects");
  if (remove.is_for_many) {
    remove.object.kind = fields.text("objects");
    remove.object.namespace_ = fields.has("namespace") ? fields.text("namespace") : "default";
    remove.selector = fields.text("selector");
    auto selector = api::parse_label_selector(remove.selector);
    if (!selector) source.fail("KL111", fields.pointer("selector"), selector.error().message);
  } else if (auto object = fields.object("object")) {
    remove.object = *object;
  }
  remove.grace_period_seconds = fields.integer("gracePeriodSeconds", 0, INT64_MAX);
  remove.propagation_policy = fields.one_of("propagationPolicy", {"Background", "Foreground", "Orphan"});
  if (remove.propagation_policy.empty()) remove.propagation_policy = "Background";
  fields.finish();
  Step step;
  step.text = "delete " + (remove.is_for_many ? describe_many(remove) : remove.object.text());
  if (remove.propagation_policy != "Background") step.text += " (" + remove.propagation_policy + ")";
  step.action = std::move(remove);
  return step;
}

Step parse_patch(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a patch step");
  PatchStep patch;
  if (auto object = fields.object("object")) patch.object = *object;
  if (const json* with = fields.get("with")) patch.with = *with;
  fields.require("with");
  if (fields.has("with") && !patch.with.is_object())
    source.fail("KL103", fields.pointer("with"), "\"with\" must be a mapping, it is " + shown(patch.with));
  fields.finish();
  Step step;
  auto told = without_secret_values(patch.object.kind, patch.with);
  step.text = "patch " + patch.object.text() + ": " + describe_pattern(told);
  step.action = std::move(patch);
  return step;
}

Step parse_scale(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a scale step");
  ScaleStep scale;
  if (auto object = fields.object("object")) scale.object = *object;
  fields.require("replicas");
  auto replicas = fields.integer("replicas", 0, INT32_MAX);
  scale.replicas = replicas.value_or(0);
  fields.finish();
  Step step;
  step.text = fmt::format("scale {} to {}", scale.object.text(), scale.replicas);
  step.action = std::move(scale);
  return step;
}

Step parse_undo(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "an undo step");
  UndoStep undo;
  if (auto object = fields.object("object")) undo.object = *object;
  undo.to_revision = fields.integer("toRevision", 0, INT64_MAX).value_or(0);
  fields.finish();
  Step step;
  step.text = "undo the rollout of " + undo.object.text();
  if (undo.to_revision > 0) step.text += fmt::format(", to revision {}", undo.to_revision);
  step.action = std::move(undo);
  return step;
}

Step parse_drain(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a drain step");
  DrainStep drain;
  drain.node = fields.required_text("node");
  drain.within = fields.required_duration("within");
  drain.is_to_be_blocked = fields.boolean("blocked");
  fields.finish();
  Step step;
  step.text = drain.is_to_be_blocked
                  ? "drain " + drain.node + ", which must still be blocked after " + format_duration(drain.within)
                  : "drain " + drain.node + ", within " + format_duration(drain.within);
  step.action = std::move(drain);
  return step;
}

Step parse_barrier(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a barrier step");
  BarrierStep barrier;
  barrier.quiet = fields.required_duration("quiet");
  barrier.within = fields.required_duration("within");
  fields.finish();
  Step step;
  step.text = "wait until quiet for " + format_duration(barrier.quiet) + ", within " + format_duration(barrier.within);
  step.action = barrier;
  return step;
}

// What may stand beside the key of any step.
const char* const kAt = "at";
const char* const kName = "name";
const char* const kUnderFaults = "underFaults";

// The one key that is not such; "" when there is none, or more than one.
std::string key_of_step(const json& step) {
  std::string key;
  if (!step.is_object()) return key;
  for (const auto& [name, value] : step.items()) {
    if (name == kAt || name == kName || name == kUnderFaults) continue;
    if (!key.empty()) return "";
    key = name;
  }
  return key;
}

void parse_beside(Source& source, const json& value, const std::string& pointer, Step& step) {
  if (value.contains(kUnderFaults)) {
    const json& under_faults = value[kUnderFaults];
    if (!under_faults.is_boolean()) {
      source.fail("KL103", pointer + "/" + kUnderFaults, "\"underFaults\" is true or false");
    }
    step.is_left_out_under_faults = under_faults == false;
  }
  if (value.contains(kAt)) step.at = read_duration(source, value[kAt], pointer + "/" + kAt, "\"at\"");
  if (!value.contains(kName)) return;
  const json& name = value[kName];
  if (name.is_string() && name != "" && name.get<std::string>().size() <= kMaxStepName) {
    step.name = name.get<std::string>();
    step.text = step.name + ": " + step.text;
  } else {
    source.fail("KL103", pointer + "/" + kName, fmt::format("\"name\" is a text of at most {} bytes", kMaxStepName));
  }
}

// A step that one kind of time does not have: the scenario runs in the other kind only, and must not say otherwise.
void fit_time(Source& source, const std::string& pointer, const std::string& key, StepTime time, Scenario& scenario) {
  if (time == StepTime::kBoth) return;
  bool is_real = time == StepTime::kReal;
  bool& lost = is_real ? scenario.runs_in_virtual_time : scenario.runs_in_real_time;
  bool is_declared = source.document.value["spec"].contains("times");
  if (is_declared && lost) {
    source.fail_key("KL306", pointer,
                    fmt::format("\"{}\" is a step of {} time only, but \"times\" declares {} too", key,
                                is_real ? "real" : "virtual", is_real ? "virtual" : "real"),
                    is_real ? "times: [real]" : "times: [virtual]");
  }
  lost = false;
  bool has_none = !scenario.runs_in_real_time && !scenario.runs_in_virtual_time;
  if (has_none && !is_declared) {
    source.fail_key("KL306", pointer, "some steps are of real time only and others of virtual time only");
  }
}

using StepParser = Step (*)(Source&, const json&, const std::string&);
const std::map<std::string, StepParser>& step_parsers() {
  static const std::map<std::string, StepParser> kParsers = {
      {"apply", parse_apply},         {"wait", parse_wait},           {"assert", parse_assert},
      {"node", parse_node},           {"component", parse_component}, {"sleep", parse_sleep},
      {"delete", parse_delete},       {"barrier", parse_barrier},     {"patch", parse_patch},
      {"scale", parse_scale},         {"undo", parse_undo},           {"drain", parse_drain},
      {"create", parse_create},       {"load", parse_load},           {"exec", parse_exec},
      {"always", parse_always},       {"never", parse_never},         {"eventually", parse_eventually},
      {"sustained", parse_sustained}, {"fault", parse_fault_step},    {"heal", parse_heal_step}};
  return kParsers;
}

}  // namespace

std::vector<std::string> step_names() {
  std::vector<std::string> names;
  for (const auto& [name, unused] : step_parsers()) names.push_back(name);
  return names;
}

void parse_steps(Source& source, const json& list, const std::string& pointer, Scenario& scenario) {
  if (!list.is_array() || list.empty()) {
    source.fail("KL103", pointer, "\"steps\" must be a list with at least one step");
    return;
  }
  if (list.size() > kMaxSteps) source.fail("KL105", pointer, fmt::format("more than {} steps", kMaxSteps));
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::string at = pointer + "/" + std::to_string(i);
    std::string key = key_of_step(list[i]);
    if (key.empty()) {
      source.fail("KL109", at,
                  "a step is one key and its value, like `- sleep: 10s`; beside it may stand \"at\" and \"name\"");
      continue;
    }
    auto parser = step_parsers().find(key);
    if (parser == step_parsers().end()) {
      std::string meant = did_you_mean(key, step_names());
      if (meant.empty()) meant = fmt::format("the steps are {}", fmt::join(step_names(), ", "));
      source.fail_key("KL108", at + "/" + escape_pointer(key), "unknown step \"" + key + "\"", meant);
      continue;
    }
    Step step = parser->second(source, list[i][key], at + "/" + key);
    step.line = source.line(at);
    parse_beside(source, list[i], at, step);
    fit_time(source, at + "/" + key, key, step.time, scenario);
    scenario.steps.push_back(std::move(step));
  }
}

}  // namespace kubeloop::simulator
