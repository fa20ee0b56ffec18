// A scenario file as data: what cluster, which steps. Parsing checks everything before anything runs; every error names
// file, line and column.
#pragma once
#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::simulator {

// "pod/default/web", "node/node-1": kind[/namespace]/name.
struct ObjectPath {
  std::string kind;  // lower case singular, plural or short name, as written
  std::string namespace_;
  std::string name;

  std::string text() const;
};

struct ApplyStep {
  std::vector<nlohmann::json> objects;  // the manifests, in order
  std::string from;                     // the file's name, or "inline"
};
// What is asked of an object, or of the events about it; with a count, of how many objects of a kind it is true.
struct Expectation {
  ObjectPath object;  // without a name when there is a count
  std::optional<std::int64_t> count;
  std::string selector;                   // by labels, with a count
  std::string condition;                  // "Ready", or "Ready=False"; empty = not asked
  std::optional<nlohmann::json> matches;  // partial match
  bool is_absent = false;
  // Events about the object with this reason; message must contain `event_message`.
  std::string event_reason;
  std::string event_message;
  std::optional<std::int64_t> event_count;  // how many different ones; not given = at least one
};
struct WaitStep {
  Expectation expected;
  Duration within{};
};
struct AssertStep {
  Expectation expected;
};
struct NodeStep {
  bool is_start = false;
  std::string name;
};
struct ComponentStep {
  bool is_start = false;
  std::string name;   // scheduler, controller-manager, kubelet-sim, apiserver
  std::string place;  // kill: where; empty = now
};
struct SleepStep {
  Duration duration{};
};
struct DeleteStep {
  ObjectPath object;
  std::optional<std::int64_t> grace_period_seconds;
  std::string propagation_policy;  // Background, Foreground or Orphan
};
struct PatchStep {
  ObjectPath object;
  nlohmann::json with;  // a strategic merge patch
};
struct ScaleStep {
  ObjectPath object;
  std::int64_t replicas = 0;
};
// What `kubectl rollout undo` does.
struct UndoStep {
  ObjectPath object;
  std::int64_t to_revision = 0;  // 0: the one before the latest
};
// What `kubectl drain` does: no new pods, and those that are there are evicted as their budgets allow.
struct DrainStep {
  std::string node;
  Duration within{};
  bool is_to_be_blocked = false;  // passes when the budgets kept the node from becoming empty
};
struct BarrierStep {
  Duration quiet{};
  Duration within{};
};

struct Step {
  std::string text;  // one line for the reader: "wait for pod/default/web Ready, within 30s"
  int line = 0;
  std::variant<ApplyStep, WaitStep, AssertStep, NodeStep, ComponentStep, SleepStep, DeleteStep, BarrierStep, PatchStep,
               ScaleStep, UndoStep, DrainStep>
      action;
};

struct Timing {
  std::string name;  // node-monitor-grace-period, ...
  Duration value{};
};

struct Scenario {
  std::string name;
  std::string description;
  std::uint64_t seed = 1;
  bool runs_in_real_time = true;
  bool runs_in_virtual_time = true;
  int nodes = 3;
  std::vector<Timing> real_timings;  // shortened in real time only; the report says so
  std::vector<Step> steps;
};

// Reads `text` of the file `path`; manifests named by it are read relative to it. The Status (400) names
// path:line:column.
Result<Scenario> parse_scenario(const std::string& path, std::string_view text);
Result<Scenario> load_scenario(const std::string& path);

// "10s", "1m30s", "500ms" (Go's notation); nothing when malformed or negative.
std::optional<Duration> parse_duration(std::string_view text);
std::string format_duration(Duration duration);

}  // namespace kubeloop::simulator
