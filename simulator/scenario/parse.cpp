// The scenario language: which keys there are and what they mean.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "simulator/scenario/fields.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFileBytes = 8u << 20;
constexpr int kMaxNodes = 5000;
constexpr std::size_t kMaxSteps = 10'000;

Result<std::string> read_file(const std::string& path) {
  std::error_code ec;
  auto kind = std::filesystem::status(path, ec).type();
  if (kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::not_found) {
    return failure(400, "BadRequest", path + ": is no regular file");
  }
  if (std::filesystem::file_size(path, ec) > kMaxFileBytes && !ec) {
    return failure(413, "RequestEntityTooLarge", path + ": larger than 8 MiB");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return failure(404, "NotFound", path + ": no such file, or it cannot be read");
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (text.size() > kMaxFileBytes) return failure(413, "RequestEntityTooLarge", path + ": larger than 8 MiB");
  return text;
}

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
  auto text = read_file(path);
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

// "pod/default/web is Ready", for people.
std::string describe(const Expectation& expected) {
  std::string text = expected.object.text();
  if (expected.is_absent) return text + " is gone";
  if (!expected.condition.empty()) text += " is " + expected.condition;
  if (!expected.event_reason.empty()) text += " has event " + expected.event_reason;
  if (expected.matches) text += " matches " + expected.matches->dump();
  return text == expected.object.text() ? text + " exists" : text;
}

Expectation parse_expectation(Source& source, Fields& fields, const std::string& pointer) {
  Expectation expected;
  if (auto object = fields.object("object")) expected.object = *object;
  expected.condition = fields.text("condition");
  if (const json* matches = fields.get("matches")) {
    expected.matches = *matches;
    if (!matches->is_object()) source.fail(fields.pointer("matches"), "\"matches\" must be a mapping");
  }
  expected.is_absent = fields.boolean("absent");
  if (const json* event = fields.get("event")) {
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
  fields.finish();
  Step step;
  step.text = "delete " + remove.object.text();
  step.action = std::move(remove);
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
      {"component", parse_component}, {"sleep", parse_sleep}, {"delete", parse_delete}, {"barrier", parse_barrier}};
  return kParsers;
}

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
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_scenario(path, *text);
}

}  // namespace kubeloop::simulator
