// The kinds of checks that have a mapping of their own.
#include <fmt/format.h>

#include <algorithm>

#include "libs/api/selectors/label_selector.hpp"
#include "simulator/checks/describe.hpp"
#include "simulator/checks/find_resource.hpp"
#include "simulator/checks/match_operators.hpp"
#include "simulator/checks/parse_check.hpp"
#include "simulator/scenario/lint/meant.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxHappenings = 100;

std::string namespace_in(Fields& fields) {
  std::string text = fields.text("namespace");
  return text.empty() ? "default" : text;
}

// {zone: a} stands for {topology.kubernetes.io/zone: a}.
std::string label_key(const std::string& key) {
  return key == "zone" || key == "region" ? "topology.kubernetes.io/" + key : key;
}

NodeChoice parse_labels_of_nodes(Source& source, const json& value, const std::string& pointer) {
  NodeChoice choice;
  for (const auto& [key, label] : value.items()) {
    if (!label.is_string()) source.fail("KL103", pointer, "the value of label " + key + " must be a text");
    if (!choice.selector.empty()) choice.selector += ",";
    choice.selector += label_key(key) + "=" + (label.is_string() ? label.get<std::string>() : "");
  }
  return choice;
}

// node-1, [node-1, node-2], {zone: a}, or a label selector: "disk=ssd,tier in (a,b)".
NodeChoice parse_nodes(Source& source, const json& value, const std::string& pointer) {
  NodeChoice choice;
  if (value.is_object() && !value.empty()) {
    choice = parse_labels_of_nodes(source, value, pointer);
  } else if (value.is_array() && !value.empty()) {
    for (const auto& name : value) {
      if (!name.is_string()) source.fail(pointer, "a list of nodes has their names");
      if (name.is_string()) choice.names.push_back(name.get<std::string>());
    }
  } else if (value.is_string() && !value.get_ref<const std::string&>().empty()) {
    std::string text = value.get<std::string>();
    bool is_name = text.find_first_of("=!,() ") == std::string::npos;
    (is_name ? choice.names.emplace_back() : choice.selector) = text;
  } else {
    source.fail(pointer, "nodes are a name, a list of names, labels like {zone: a}, or a label selector");
  }
  auto selector = api::parse_label_selector(choice.selector);
  if (!selector) source.fail("KL111", pointer, selector.error().message);
  for (const auto& name : choice.names) choice.text += (choice.text.empty() ? "" : " or ") + name;
  if (choice.names.empty()) choice.text = "nodes with " + choice.selector;
  return choice;
}

// "default/web", or "web" of namespace default.
void parse_service(Source& source, Fields& fields, std::string& namespace_, std::string& name) {
  std::string text = fields.required_text("service");
  auto slash = text.find('/');
  namespace_ = slash == std::string::npos ? "default" : text.substr(0, slash);
  name = slash == std::string::npos ? text : text.substr(slash + 1);
  bool is_good = !namespace_.empty() && !name.empty() && name.find('/') == std::string::npos;
  if (!is_good && !text.empty()) {
    source.fail(fields.pointer("service"), "\"" + text + "\" is no service: write namespace/name");
  }
}

std::vector<std::string> phases() {
  return {"created", "scheduled", "pulled", "started", "ready", "terminating", "deleted"};
}

void parse_limit(Source& source, Fields& fields, const std::string& name, LatencyCheck& check) {
  const json* value = fields.get(name);
  if (!value) return;
  LatencyCheck::Limit limit;
  limit.name = name;
  std::string text = value->is_string() ? value->get<std::string>() : "";
  if (text.starts_with("<=")) {
    text.erase(0, 2);
  } else if (text.starts_with("<")) {
    text.erase(0, 1);
    limit.is_strict = true;
  }
  text.erase(0, text.find_first_not_of(' '));
  auto parsed = parse_duration(text);
  if (!parsed)
    source.fail("KL104", fields.pointer(name),
                "\"" + name + "\" must be a duration like 5s or \"<5s\", it is " + shown(*value));
  limit.limit = parsed.value_or(Duration::zero());
  check.limits.push_back(std::move(limit));
}

Happening parse_happening(Source& source, const json& value, const std::string& pointer) {
  Happening happening;
  Fields fields(source, value, pointer, "a happening");
  if (auto object = fields.object("object")) happening.expected.object = *object;
  bool is_created = fields.boolean("created"), is_deleted = fields.boolean("deleted");
  parse_object_state(source, fields, pointer, happening.expected);
  fields.finish();
  const auto& expected = happening.expected;
  bool asks_state = !expected.condition.empty() || expected.matches || !expected.event_reason.empty();
  if (int(is_created) + int(is_deleted) + int(asks_state) + int(expected.is_absent) != 1) {
    source.fail("KL107", pointer, "a happening needs one of created, deleted, condition, matches, event");
  }
  if (is_created) happening.what = Happening::What::kCreated;
  if (is_deleted || expected.is_absent) happening.what = Happening::What::kDeleted;
  happening.text = is_created ? expected.object.text() + " is created" : describe(expected);
  if (is_deleted) happening.text = expected.object.text() + " is deleted";
  return happening;
}

}  // namespace

PlacementCheck parse_placement(Source& source, const json& value, const std::string& pointer) {
  PlacementCheck check;
  Fields fields(source, value, pointer, "a placement");
  fields.require("selector");
  check.selector = parse_selector(source, fields, "selector");
  check.namespace_ = namespace_in(fields);
  // A plain "on" is a boolean to YAML 1.1, and so the key "true" to Kubernetes' reading of it.
  const char* on_key = value.is_object() && value.contains("true") ? "true" : "on";
  if (const json* on = fields.get(on_key)) check.on = parse_nodes(source, *on, fields.pointer(on_key));
  if (const json* not_on = fields.get("notOn")) check.not_on = parse_nodes(source, *not_on, fields.pointer("notOn"));
  if (const json* spread = fields.get("spread")) {
    Fields inner(source, *spread, fields.pointer("spread"), "a spread");
    check.topology_key = label_key(inner.required_text("topologyKey"));
    check.max_skew = inner.integer("maxSkew").value_or(1);
    if (check.max_skew < 0) source.fail("KL105", inner.pointer("maxSkew"), "\"maxSkew\" must not be negative");
    inner.finish();
  }
  check.is_same_node = fields.boolean("sameNode");
  check.are_different_nodes = fields.boolean("differentNodes");
  bool asks = check.on || check.not_on || fields.has("spread") || check.is_same_node || check.are_different_nodes;
  if (!asks) source.fail("KL102", pointer, "a placement needs one of on, notOn, spread, sameNode, differentNodes");
  fields.finish();
  return check;
}

EventsCheck parse_events(Source& source, const json& value, const std::string& pointer) {
  EventsCheck check;
  Fields fields(source, value, pointer, "an events check");
  check.namespace_ = namespace_in(fields);
  check.reason = fields.text("reason");
  check.message = fields.text("message");
  if (fields.has("regarding")) check.regarding = fields.object("regarding");
  check.count = parse_count(source, fields, "count").value_or(json{{"$gte", 1}});
  bool asks = !check.reason.empty() || !check.message.empty() || check.regarding;
  if (!asks) source.fail("KL102", pointer, "an events check needs one of reason, message, regarding");
  fields.finish();
  return check;
}

OrderCheck parse_order(Source& source, const json& value, const std::string& pointer) {
  OrderCheck check;
  if (!value.is_array() || value.size() < 2 || value.size() > kMaxHappenings) {
    source.fail("KL103", pointer, fmt::format("\"order\" is a list of 2 to {} happenings", kMaxHappenings));
    return check;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    check.happenings.push_back(parse_happening(source, value[i], pointer + "/" + std::to_string(i)));
  }
  return check;
}

NoDowntimeCheck parse_no_downtime(Source& source, const json& value, const std::string& pointer) {
  NoDowntimeCheck check;
  Fields fields(source, value, pointer, "a noDowntime check");
  if (fields.has("selector")) {
    check.selector = parse_selector(source, fields, "selector");
    check.namespace_ = namespace_in(fields);
    if (fields.has("service"))
      source.fail("KL107", pointer, "a noDowntime check has either \"service\" or \"selector\"");
  } else {
    parse_service(source, fields, check.namespace_, check.service);
  }
  check.min_ready = fields.integer("minReady").value_or(1);
  if (check.min_ready < 1) source.fail("KL105", fields.pointer("minReady"), "\"minReady\" must be 1 or more");
  fields.finish();
  return check;
}

ReachableCheck parse_reachable(Source& source, const json& value, const std::string& pointer) {
  ReachableCheck check;
  Fields fields(source, value, pointer, "a reachable check");
  parse_service(source, fields, check.namespace_, check.service);
  fields.finish();
  return check;
}

WritesCheck parse_writes(Source& source, const json& value, const std::string& pointer) {
  WritesCheck check;
  Fields fields(source, value, pointer, "a writes check");
  if (fields.has("by")) check.by = fields.required_text("by");
  check.verb = fields.one_of("verb", {"create", "update", "patch", "delete"});
  std::string kind = fields.text("resource");
  if (!kind.empty()) {
    auto resource = find_resource(kind);
    if (!resource) source.fail("KL202", fields.pointer("resource"), resource.error().message, meant_kind(kind));
    if (resource) check.resource = resource->plural;
  }
  fields.require("count");
  check.count = parse_count(source, fields, "count").value_or(json(0));
  fields.finish();
  return check;
}

LatencyCheck parse_latency(Source& source, const json& value, const std::string& pointer) {
  LatencyCheck check;
  Fields fields(source, value, pointer, "a latency check");
  fields.require("from");
  fields.require("to");
  check.from = fields.one_of("from", phases());
  check.to = fields.one_of("to", phases());
  auto known = phases();
  bool is_backward = !check.from.empty() && !check.to.empty() &&
                     std::ranges::find(known, check.from) >= std::ranges::find(known, check.to);
  if (is_backward) source.fail(fields.pointer("to"), "\"" + check.to + "\" does not come after \"" + check.from + "\"");
  static const json kEverything = json::object();
  const json* of = fields.get("of");
  Fields inner(source, of ? *of : kEverything, fields.pointer("of"), "the pods of a latency check");
  check.selector = parse_selector(source, inner, "selector");
  check.namespace_ = namespace_in(inner);
  inner.finish();
  for (const char* name : {"p50", "p90", "p99", "max"}) parse_limit(source, fields, name, check);
  if (check.limits.empty()) source.fail("KL102", pointer, "a latency check needs one of p50, p90, p99, max");
  fields.finish();
  return check;
}

}  // namespace kubeloop::simulator
