// The steps of the scenario language: each parser reads one.
#include "simulator/scenario/parse_steps.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "libs/api/selectors/label_selector.hpp"
#include "simulator/scenario/expectation.hpp"
#include "simulator/scenario/input_file.hpp"
#include "simulator/scenario/match.hpp"
#include "simulator/scenario/secret_text.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxSteps = 10'000;

void add_manifest(Source& source, const std::string& pointer, const json& object, ApplyStep& step) {
  bool is_named = object.is_object() && object.contains("kind") && object.contains("apiVersion") &&
                  object.value("metadata", json::object()).is_object() &&
                  object.value("metadata", json::object()).contains("name");
  if (!is_named) {
    source.fail(pointer, "a manifest needs apiVersion, kind and metadata.name");
    return;
  }
  step.objects.push_back(object);
}

void read_manifest_file(Source& source, const std::string& pointer, const std::string& name, ApplyStep& step) {
  std::string path = (std::filesystem::path(source.path).parent_path() / name).string();
  auto text = read_input_file(path);
  if (!text) {
    source.fail(pointer, text.error().message);
    return;
  }
  auto documents = api::parse_yaml(*text, path);
  if (!documents) {
    source.fail(pointer, documents.error().message);
    return;
  }
  for (const auto& document : *documents) {
    if (document.value.is_null()) continue;
    Source inner{path, document, std::nullopt};
    add_manifest(inner, "", document.value, step);
    if (inner.error) source.fail(pointer, inner.error->message);
  }
  if (step.objects.empty()) source.fail(pointer, path + ": no object in it");
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
      source.fail(pointer, "an apply step needs either \"file\" or \"inline\"");
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

// "pods in default with app=web", "nodes"
std::string describe_kind(const Expectation& expected) {
  auto resource = find_resource(expected.object.kind);
  std::string text = expected.object.kind;
  if (!resource || resource->is_namespaced) text += " in " + expected.object.namespace_;
  if (!expected.selector.empty()) text += " with " + expected.selector;
  return text;
}

// "pod/default/web is Ready", "3 pods in default with app=web are Ready", for people.
std::string describe(const Expectation& expected) {
  bool is_list = expected.count.has_value();
  std::string subject =
      is_list ? fmt::format("{} {}", *expected.count, describe_kind(expected)) : expected.object.text();
  if (expected.is_absent) return subject + " is gone";
  std::string what;
  auto add = [&what](const std::string& part) { what += what.empty() ? part : " and " + part; };
  if (!expected.condition.empty()) add((is_list ? "are " : "is ") + expected.condition);
  if (!expected.event_reason.empty()) add("has event " + expected.event_reason);
  if (expected.matches) {
    auto pattern = without_secret_values(expected.object.kind, *expected.matches);
    add((is_list ? "have " : "has ") + describe_pattern(pattern));
  }
  if (what.empty()) what = is_list ? "exist" : "exists";
  return subject + " " + what;
}

// {objects: pods, selector: app=web, count: 3}: how many there are of a kind.
void parse_counted(Source& source, Fields& fields, const std::string& pointer, Expectation& expected) {
  expected.object.kind = fields.required_text("objects");
  expected.object.namespace_ = fields.text("namespace");
  if (expected.object.namespace_.empty()) expected.object.namespace_ = "default";
  expected.selector = fields.text("selector");
  expected.count = fields.integer("count");
  if (!expected.count) {
    source.fail(pointer, "\"objects\" needs \"count\"");
  } else if (*expected.count < 0) {
    source.fail(fields.pointer("count"), "\"count\" must not be negative");
  }
  auto selector = api::parse_label_selector(expected.selector);
  if (!selector) source.fail(fields.pointer("selector"), selector.error().message);
}

Expectation parse_expectation(Source& source, Fields& fields, const std::string& pointer) {
  Expectation expected;
  if (fields.has("objects")) {
    parse_counted(source, fields, pointer, expected);
  } else if (auto object = fields.object("object")) {
    expected.object = *object;
  }
  expected.condition = fields.text("condition");
  if (const json* matches = fields.get("matches")) {
    expected.matches = *matches;
    if (!matches->is_object()) source.fail(fields.pointer("matches"), "\"matches\" must be a mapping");
  }
  if (!expected.count) expected.is_absent = fields.boolean("absent");
  const json* event = expected.count ? nullptr : fields.get("event");
  if (event) {
    Fields inner(source, *event, fields.pointer("event"), "an event");
    expected.event_reason = inner.required_text("reason");
    expected.event_message = inner.text("message");
    expected.event_count = inner.integer("count");
    inner.finish();
  }
  bool asks_more = !expected.condition.empty() || expected.matches || !expected.event_reason.empty();
  if (expected.is_absent && asks_more) source.fail(pointer, "\"absent\" stands alone");
  return expected;
}

Step parse_wait(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a wait step");
  WaitStep wait;
  wait.expected = parse_expectation(source, fields, pointer);
  wait.within = fields.required_duration("within");
  fields.finish();
  Step step;
  step.text = "wait until " + describe(wait.expected) + ", within " + format_duration(wait.within);
  step.action = std::move(wait);
  return step;
}

Step parse_assert(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "an assert step");
  AssertStep check;
  check.expected = parse_expectation(source, fields, pointer);
  fields.finish();
  Step step;
  step.text = "assert that " + describe(check.expected);
  step.action = std::move(check);
  return step;
}

// node: {stop: node-1} and component: {kill: scheduler, at: before-bind} name what is done by the key.
std::pair<bool, std::string> parse_start_or(Source& source, Fields& fields, const std::string& stop_key,
                                            const std::string& pointer) {
  std::string start = fields.text("start");
  std::string stop = fields.text(stop_key);
  if (start.empty() == stop.empty()) source.fail(pointer, "needs either \"start\" or \"" + stop_key + "\"");
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
    source.fail(fields.pointer(component.is_start ? "start" : "kill"),
                "\"" + component.name + "\" is no component (apiserver, scheduler, controller-manager, kubelet-sim)");
  }
  if (component.is_start && !component.place.empty()) source.fail(fields.pointer("at"), "\"at\" goes with \"kill\"");
  static const std::map<std::string, std::set<std::string>> kPlaces = {
      {"scheduler", {"before-bind", "after-bind"}},
      {"controller-manager", {"before-eviction"}},
      {"kubelet-sim", {"before-status-patch", "before-pod-delete"}},
      {"apiserver", {}}};
  auto places = kPlaces.find(component.name);
  if (!component.place.empty() && places != kPlaces.end() && !places->second.contains(component.place)) {
    std::string known;
    for (const auto& place : places->second) known += (known.empty() ? "" : ", ") + place;
    source.fail(fields.pointer("at"), "\"" + component.place + "\" is no place to kill " + component.name + " at (" +
                                          (known.empty() ? "it has none" : known) + ")");
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
  auto duration = value.is_string() ? parse_duration(value.get<std::string>()) : std::nullopt;
  if (!duration) source.fail(pointer, "sleep takes a duration like 10s, it is " + value.dump());
  sleep.duration = duration.value_or(Duration::zero());
  step.text = "sleep " + format_duration(sleep.duration);
  step.action = sleep;
  return step;
}

Step parse_delete(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a delete step");
  DeleteStep remove;
  if (auto object = fields.object("object")) remove.object = *object;
  remove.grace_period_seconds = fields.integer("gracePeriodSeconds");
  if (remove.grace_period_seconds.value_or(0) < 0)
    source.fail(fields.pointer("gracePeriodSeconds"), "must not be negative");
  remove.propagation_policy = fields.text("propagationPolicy");
  if (remove.propagation_policy.empty()) remove.propagation_policy = "Background";
  static const std::set<std::string> kPolicies = {"Background", "Foreground", "Orphan"};
  if (!kPolicies.contains(remove.propagation_policy)) {
    source.fail(fields.pointer("propagationPolicy"),
                "\"propagationPolicy\" is Background, Foreground or Orphan, not \"" + remove.propagation_policy + "\"");
  }
  fields.finish();
  Step step;
  step.text = "delete " + remove.object.text();
  if (remove.propagation_policy != "Background") step.text += " (" + remove.propagation_policy + ")";
  step.action = std::move(remove);
  return step;
}

Step parse_patch(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a patch step");
  PatchStep patch;
  if (auto object = fields.object("object")) patch.object = *object;
  if (const json* with = fields.get("with")) patch.with = *with;
  if (!patch.with.is_object()) source.fail(pointer, "a patch step needs \"with\", a mapping");
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
  auto replicas = fields.integer("replicas");
  if (replicas.value_or(-1) < 0) source.fail(pointer, "a scale step needs \"replicas\", 0 or more");
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
  undo.to_revision = fields.integer("toRevision").value_or(0);
  if (undo.to_revision < 0) source.fail(fields.pointer("toRevision"), "must not be negative");
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

using StepParser = Step (*)(Source&, const json&, const std::string&);
const std::map<std::string, StepParser>& step_parsers() {
  static const std::map<std::string, StepParser> kParsers = {
      {"apply", parse_apply},         {"wait", parse_wait},   {"assert", parse_assert}, {"node", parse_node},
      {"component", parse_component}, {"sleep", parse_sleep}, {"delete", parse_delete}, {"barrier", parse_barrier},
      {"patch", parse_patch},         {"scale", parse_scale}, {"undo", parse_undo},     {"drain", parse_drain}};
  return kParsers;
}

}  // namespace

void parse_steps(Source& source, const json& list, const std::string& pointer, Scenario& scenario) {
  if (!list.is_array() || list.empty()) {
    source.fail(pointer, "\"steps\" must be a list with at least one step");
    return;
  }
  if (list.size() > kMaxSteps) source.fail(pointer, fmt::format("more than {} steps", kMaxSteps));
  for (std::size_t i = 0; i < list.size() && !source.error; ++i) {
    std::string at = pointer + "/" + std::to_string(i);
    if (!list[i].is_object() || list[i].size() != 1) {
      source.fail(at, "a step is one key and its value, like `- sleep: 10s`");
      return;
    }
    std::string key = list[i].begin().key();
    auto parser = step_parsers().find(key);
    if (parser == step_parsers().end()) {
      std::string known;
      for (const auto& [name, unused] : step_parsers()) known += (known.empty() ? "" : ", ") + name;
      source.fail_key(at + "/" + key, "unknown step \"" + key + "\" (known: " + known + ")");
      return;
    }
    Step step = parser->second(source, list[i].begin().value(), at + "/" + key);
    step.line = source.line(at);
    scenario.steps.push_back(std::move(step));
  }
}

}  // namespace kubeloop::simulator
