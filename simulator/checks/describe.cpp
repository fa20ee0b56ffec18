#include "simulator/checks/describe.hpp"

#include <fmt/format.h>

#include "simulator/checks/find_resource.hpp"
#include "simulator/checks/match.hpp"
#include "simulator/checks/match_operators.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/scenario/secret_text.hpp"

namespace kubeloop::simulator {
namespace {

// "pods in default with app=web", "nodes"
std::string describe_kind(const Expectation& expected) {
  auto resource = find_resource(expected.object.kind);
  std::string text = expected.object.kind;
  if (!resource || resource->is_namespaced) {
    text += expected.object.namespace_ == "*" ? " of all namespaces" : " in " + expected.object.namespace_;
  }
  if (!expected.selector.empty()) text += " with " + expected.selector;
  return text;
}

std::string pods_with(const std::string& namespace_, const std::string& selector) {
  return (selector.empty() ? "the pods" : "pods with " + selector) + (namespace_ == "*"         ? " of all namespaces"
                                                                      : namespace_ == "default" ? ""
                                                                                                : " in " + namespace_);
}

struct Words {
  std::string operator()(const Expectation& expected) const { return describe(expected); }

  std::string operator()(const PlacementCheck& check) const {
    std::string what;
    auto add = [&what](const std::string& part) { what += (what.empty() ? " are " : " and ") + part; };
    if (check.on) add("on " + check.on->text);
    if (check.not_on) add("not on " + check.not_on->text);
    if (check.is_same_node) add("on one node");
    if (check.are_different_nodes) add("on different nodes");
    if (!check.topology_key.empty()) add(fmt::format("spread over {} (skew {})", check.topology_key, check.max_skew));
    return pods_with(check.namespace_, check.selector) + what;
  }

  std::string operator()(const EventsCheck& check) const {
    std::string text = "there are " + describe_count(check.count) + " events";
    if (!check.reason.empty()) text += " " + check.reason;
    if (!check.message.empty()) text += " with \"" + check.message + "\"";
    if (check.regarding) text += " about " + check.regarding->text();
    return text;
  }

  std::string operator()(const OrderCheck& check) const {
    std::string list;
    for (const auto& happening : check.happenings) list += (list.empty() ? "" : ", then ") + happening.text;
    return list;
  }

  std::string operator()(const NoDowntimeCheck& check) const {
    if (!check.service.empty()) {
      return fmt::format("service {}/{} has at least {} ready endpoint{}", check.namespace_, check.service,
                         check.min_ready, check.min_ready == 1 ? "" : "s");
    }
    return fmt::format("at least {} of {} {} ready", check.min_ready, pods_with(check.namespace_, check.selector),
                       check.min_ready == 1 ? "is" : "are");
  }

  std::string operator()(const ReachableCheck& check) const {
    return "service " + check.namespace_ + "/" + check.service + " reaches pods";
  }

  std::string operator()(const WritesCheck& check) const {
    std::string what = check.resource.empty() ? "" : " " + check.resource;
    return fmt::format("{} writes{}{} {} times", check.by == "*" ? "everybody together" : check.by,
                       check.verb.empty() ? "" : " (" + check.verb + ")", what, describe_count(check.count));
  }

  std::string operator()(const LatencyCheck& check) const {
    std::string limits;
    for (const auto& limit : check.limits) {
      limits += fmt::format("{}{} {} {}", limits.empty() ? "" : ", ", limit.name,
                            limit.is_strict ? "<" : "<=", format_duration(limit.limit));
    }
    return fmt::format("{} get from {} to {} with {}", pods_with(check.namespace_, check.selector), check.from,
                       check.to, limits);
  }
};

}  // namespace

std::string describe(const Expectation& expected) {
  bool is_list = expected.count.has_value();
  std::string subject =
      is_list ? fmt::format("{} {}", describe_count(*expected.count), describe_kind(expected)) : expected.object.text();
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

std::string describe(const Check& check) {
  return std::visit(Words{}, check.what);
}

}  // namespace kubeloop::simulator
