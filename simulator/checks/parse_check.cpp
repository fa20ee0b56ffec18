#include "simulator/checks/parse_check.hpp"

#include <fmt/format.h>

#include <set>

#include "libs/api/selectors/label_selector.hpp"
#include "simulator/checks/describe.hpp"
#include "simulator/checks/match_operators.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxChecks = 1000;

// {objects: pods, selector: app=web, count: 3}: how many there are of a kind.
void parse_counted(Source& source, Fields& fields, const std::string& pointer, Expectation& expected) {
  expected.object.kind = fields.required_text("objects");
  expected.object.namespace_ = fields.text("namespace");
  if (expected.object.namespace_.empty()) expected.object.namespace_ = "default";
  expected.selector = parse_selector(source, fields, "selector");
  bool is_there = fields.has("count");
  expected.count = parse_count(source, fields, "count");
  if (!is_there) source.fail("KL102", pointer, "\"objects\" needs \"count\"");
  if (!expected.count) expected.count = 0;  // it is reported; what follows reads it as counted
}

Expectation parse_expectation(Source& source, Fields& fields, const std::string& pointer) {
  Expectation expected;
  if (fields.has("objects")) {
    parse_counted(source, fields, pointer, expected);
  } else {
    if (auto object = fields.object("object")) expected.object = *object;
    for (const char* key : {"count", "selector", "namespace"}) {
      if (!fields.has(key)) continue;
      source.fail_key("KL107", fields.pointer(key), std::string("\"") + key + "\" goes with \"objects\"",
                      "objects: the kind of what is counted, in place of object");
    }
  }
  parse_object_state(source, fields, pointer, expected);
  return expected;
}

const std::vector<std::string>& heads() {
  static const std::vector<std::string> kHeads = {"object",     "objects",   "placement", "events", "order",
                                                  "noDowntime", "reachable", "writes",    "latency"};
  return kHeads;
}

// The key that says what kind of check it is; "object" when there is none (whose absence is reported then).
std::string head_of(Source& source, Fields& fields, const std::string& pointer) {
  std::string head;
  for (const auto& name : heads()) {
    if (!fields.has(name)) continue;
    if (!head.empty()) source.fail("KL107", pointer, "\"" + head + "\" and \"" + name + "\" are two checks: write two");
    if (head.empty()) head = name;
  }
  return head.empty() ? "object" : head;
}

}  // namespace

std::string parse_selector(Source& source, Fields& fields, const std::string& key) {
  std::string text = fields.text(key);
  auto selector = api::parse_label_selector(text);
  if (!selector) source.fail("KL111", fields.pointer(key), selector.error().message);
  return text;
}

std::optional<json> parse_count(Source& source, Fields& fields, const std::string& key) {
  const json* value = fields.get(key);
  if (!value) return std::nullopt;
  std::string problem = check_count(*value);
  if (problem.empty()) return *value;
  source.fail(fields.pointer(key), "\"" + key + "\" " + problem);
  return std::nullopt;
}

void parse_object_state(Source& source, Fields& fields, const std::string& pointer, Expectation& expected) {
  expected.condition = fields.text("condition");
  if (const json* matches = fields.get("matches")) {
    expected.matches = *matches;
    if (!matches->is_object()) source.fail("KL103", fields.pointer("matches"), "\"matches\" must be a mapping");
    if (auto problem = check_pattern(*matches)) {
      source.fail(fields.pointer("matches") + problem->pointer, problem->message);
    }
  }
  if (!expected.count) expected.is_absent = fields.boolean("absent");
  const json* event = expected.count ? nullptr : fields.get("event");
  if (event) {
    Fields inner(source, *event, fields.pointer("event"), "an event");
    expected.event_reason = inner.required_text("reason");
    expected.event_message = inner.text("message");
    expected.event_count = parse_count(source, inner, "count");
    inner.finish();
  }
  bool asks_more = !expected.condition.empty() || expected.matches || !expected.event_reason.empty();
  if (expected.is_absent && asks_more) source.fail("KL107", pointer, "\"absent\" stands alone");
}

Check parse_check(Source& source, Fields& fields, const std::string& pointer, CheckPlace place) {
  Check check;
  check.say = fields.text("say");
  std::string head = head_of(source, fields, pointer);
  std::string at = fields.pointer(head);
  if (head == "object" || head == "objects") {
    check.what = parse_expectation(source, fields, pointer);
  } else if (head == "placement") {
    auto placement = parse_placement(source, *fields.get(head), at);
    placement.ignores_unplaced = place == CheckPlace::kSpan;
    check.what = std::move(placement);
  } else if (head == "events") {
    check.what = parse_events(source, *fields.get(head), at);
  } else if (head == "order") {
    if (place == CheckPlace::kSpan) {
      source.fail(at, "an order is judged by wait, assert or eventually, or in spec.checks");
    }
    check.what = parse_order(source, *fields.get(head), at);
  } else if (head == "noDowntime") {
    check.what = parse_no_downtime(source, *fields.get(head), at);
  } else if (head == "reachable") {
    check.what = parse_reachable(source, *fields.get(head), at);
  } else if (head == "writes") {
    check.what = parse_writes(source, *fields.get(head), at);
  } else {
    if (place == CheckPlace::kSpan) {
      source.fail(at, "a latency is judged by wait, assert or eventually, or in spec.checks");
    }
    check.what = parse_latency(source, *fields.get(head), at);
  }
  check.text = describe(check);
  return check;
}

std::vector<NamedCheck> parse_named_checks(Source& source, const json& list, const std::string& pointer) {
  std::vector<NamedCheck> checks;
  if (!list.is_array() || list.empty() || list.size() > kMaxChecks) {
    source.fail("KL103", pointer,
                fmt::format("\"checks\" must be a list with at least one check and at most {}", kMaxChecks));
    return checks;
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::string at = pointer + "/" + std::to_string(i);
    Fields fields(source, list[i], at, "a named check");
    NamedCheck named;
    named.name = fields.required_text("name");
    named.line = source.line(at);
    named.points = fields.number("points");
    if (named.points.value_or(0) < 0) source.fail("KL105", fields.pointer("points"), "\"points\" must not be negative");
    named.within = fields.duration("within");
    named.sustained = fields.duration("sustained");
    bool holds_too_long = named.sustained && named.within && *named.sustained > *named.within;
    if (holds_too_long) source.fail("KL105", fields.pointer("sustained"), "\"sustained\" is longer than \"within\"");
    named.check = parse_check(source, fields, at);
    fields.finish();
    bool is_new = named.name.empty() || names.insert(named.name).second;
    if (!is_new) source.fail("KL313", fields.pointer("name"), "there are two checks named \"" + named.name + "\"");
    checks.push_back(std::move(named));
  }
  return checks;
}

}  // namespace kubeloop::simulator
