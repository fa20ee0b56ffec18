// A check as data: what is asked of a cluster. wait, assert, always, never, eventually, sustained and spec.checks all
// take one. Parsed by parse_check.hpp, told by describe.hpp, judged by track.hpp. Owned by whoever parsed it.
#pragma once
#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libs/base/time.hpp"
#include "simulator/scenario/object_path.hpp"

namespace kubeloop::simulator {

// What is asked of an object, or of the events about it; with a count, of how many objects of a kind it is true.
struct Expectation {
  ObjectPath object;                      // without a name when there is a count; namespace "*" = all
  std::optional<nlohmann::json> count;    // a number, or operators on it
  std::string selector;                   // by labels, with a count
  std::string condition;                  // "Ready", or "Ready=False"; empty = not asked
  std::optional<nlohmann::json> matches;  // partial match
  bool is_absent = false;
  // Events about the object with this reason; message must contain `event_message`.
  std::string event_reason;
  std::string event_message;
  std::optional<nlohmann::json> event_count;  // how many different ones; not given = at least one
};

// Some nodes: by name, or by their labels.
struct NodeChoice {
  std::vector<std::string> names;
  std::string selector;
  std::string text;  // for people: "node-1", "nodes with zone=a"
};

// Where the pods of a selector run. Pods that have ended do not count.
struct PlacementCheck {
  std::string namespace_, selector;
  std::optional<NodeChoice> on, not_on;
  std::string topology_key;  // of the spread; "" = not asked
  std::int64_t max_skew = 1;
  bool is_same_node = false, are_different_nodes = false;
  bool ignores_unplaced = false;  // pods that are on no node yet are no problem: what always and never ask
};

struct EventsCheck {
  std::string namespace_, reason, message;
  std::optional<ObjectPath> regarding;
  nlohmann::json count;
};

// One happening of an order.
struct Happening {
  enum class What { kHolds, kCreated, kDeleted };
  What what = What::kHolds;
  Expectation expected;
  std::string text;
};
struct OrderCheck {
  std::vector<Happening> happenings;
};

// Never fewer ready endpoints (of a service) or ready pods (of a selector).
struct NoDowntimeCheck {
  std::string namespace_, service, selector;
  std::int64_t min_ready = 1;
};

// Traffic for a service finds a pod.
struct ReachableCheck {
  std::string namespace_, service;
};

// How often an actor writes.
struct WritesCheck {
  std::string by = "*", verb, resource;  // "" = any
  nlohmann::json count;
};

// How long pods take from one of their phases to another.
struct LatencyCheck {
  struct Limit {
    std::string name;  // p50, p90, p99, max
    Duration limit{};
    bool is_strict = false;
  };
  std::string from, to;  // created, scheduled, pulled, started, ready, terminating, deleted
  std::string namespace_, selector;
  std::vector<Limit> limits;
};

struct Check {
  std::string say;   // the author's own sentence for a failure
  std::string text;  // what is asked, for people: "pod/default/web is Ready"
  std::variant<Expectation, PlacementCheck, EventsCheck, OrderCheck, NoDowntimeCheck, ReachableCheck, WritesCheck,
               LatencyCheck>
      what;

  // Faults may spoil it, and rightly so: it measures how well and not whether (latencies, counts of writes, downtime),
  // or it is about events, which are told at best.
  bool may_be_spoiled() const {
    auto* expected = std::get_if<Expectation>(&what);
    return std::holds_alternative<NoDowntimeCheck>(what) || std::holds_alternative<WritesCheck>(what) ||
           std::holds_alternative<LatencyCheck>(what) || std::holds_alternative<EventsCheck>(what) ||
           (expected && !expected->event_reason.empty());
  }
};

// One of spec.checks: judged when a run has ended, and by `kubeloop check`.
struct NamedCheck {
  std::string name;
  Check check;
  int line = 0;
  std::optional<double> points;
  std::optional<Duration> within;     // becomes true by then; nothing = it is true now
  std::optional<Duration> sustained;  // holds that long without a break
};

}  // namespace kubeloop::simulator
