// A scenario file as data: what cluster, which steps. Parsing checks everything before anything runs; every error names
// file, line and column.
#pragma once
#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kubelet-sim/runtime/image_rule.hpp"
#include "libs/base/result.hpp"
#include "libs/base/time.hpp"
#include "simulator/checks/check.hpp"
#include "simulator/faults/fault.hpp"
#include "simulator/scenario/cluster_spec.hpp"
#include "simulator/scenario/object_template.hpp"

namespace kubeloop::simulator {

struct ApplyStep {
  std::vector<nlohmann::json> objects;  // the manifests, in order
  std::string from;                     // the file's name, or "inline"
};
struct WaitStep {
  Check expected;
  Duration within{};
};
struct AssertStep {
  Check expected;
};
// always and never: goes on in the background while the following steps run.
struct StandingStep {
  Check check;
  bool is_never = false;
  std::optional<Duration> span;  // nothing = to the end
};
// Holds at some moment from here to the end.
struct EventuallyStep {
  Check check;
};
struct SustainedStep {
  Check check;
  Duration span{};
  Duration within{};
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
  ObjectPath object;  // without a name when many are meant
  bool is_for_many = false;
  std::string selector;  // by labels, of many
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
// Objects with the numbers 1 to `count`.
struct CreateStep {
  ObjectTemplate what;
  std::int64_t count = 1;
};
// Objects that arrive one after the other for a while, and may go again.
struct LoadStep {
  enum class Distribution { kConstant, kPoisson, kUniform };
  ObjectTemplate what;
  std::int64_t arrivals = 1;  // on average, in each `per`
  Duration per = std::chrono::seconds(1);
  Distribution distribution = Distribution::kConstant;
  Duration length{};
  std::optional<Duration> lifetime;  // each is deleted after it
  Duration lifetime_spread{};        // up to so much sooner or later
  bool is_in_background = false;
};
// What a text must be; what is not given is not asked for.
struct TextCheck {
  std::vector<std::string> contains;
  std::optional<std::string> matches;  // an ECMAScript regular expression, somewhere in it
  std::optional<std::string> equals;   // without the newlines at both ends
};
// A program that is run beside the cluster, in real time only.
struct ExecStep {
  std::vector<std::string> command;
  std::string stdin_text;
  Duration within{};
  int exit_code = 0;
  TextCheck out, err;
};
// Something goes wrong from here on.
struct FaultStep {
  Fault fault;
};
// All faults end; then the cluster must come to rest.
struct HealStep {
  Duration within{};
};

// In which kind of time a step can be run.
enum class StepTime { kBoth, kReal, kVirtual };

struct Step {
  std::string text;  // one line for the reader: "wait for pod/default/web Ready, within 30s"
  int line = 0;
  std::string name;            // for reports; may be empty
  std::optional<Duration> at;  // it begins at that time after the first step began, or at once when that is past
  StepTime time = StepTime::kBoth;
  bool is_left_out_under_faults = false;  // it asks for what holds only while nothing goes wrong
  std::variant<ApplyStep, WaitStep, AssertStep, StandingStep, EventuallyStep, SustainedStep, NodeStep, ComponentStep,
               SleepStep, DeleteStep, BarrierStep, PatchStep, ScaleStep, UndoStep, DrainStep, CreateStep, LoadStep,
               ExecStep, FaultStep, HealStep>
      action;
};

struct Timing {
  std::string name;  // node-monitor-grace-period, ...
  Duration value{};
};

struct Scenario {
  std::string name;
  std::string description;
  std::map<std::string, std::string> labels;
  // What the matrix's parameters are in this combination; `name` tells them too: "web[replicas=3]".
  std::vector<std::pair<std::string, std::string>> parameters;
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> shuffle_seed;  // of the order of what is ready, in virtual time
  bool runs_in_real_time = true;
  bool runs_in_virtual_time = true;
  std::optional<Duration> horizon;  // virtual time gives up there
  int nodes = 3;                    // the plain ones, node-1 to node-N
  std::vector<NodePool> node_pools;
  std::map<std::string, ComponentSetup> components;  // by name; only those of which something is said
  kubelet_sim::ImageRules behaviours;
  // What goes wrong beside the steps, from the first one on.
  std::vector<PlannedFault> faults;
  // After the last step the cluster must come to rest, and stay so; false for one that never does.
  bool comes_to_rest = true;
  std::vector<Timing> real_timings;  // shortened in real time only; the report says so
  std::vector<Step> steps;
  std::vector<NamedCheck> checks;  // judged after the last step
};

// What --set fixes: parameter of a matrix -> value as typed.
using Settings = std::map<std::string, std::string>;

// Reads `text` of the file `path`; manifests named by it are read relative to it. One scenario for each combination of
// its matrix, so mostly one. The Status (400) names path:line:column.
Result<std::vector<Scenario>> parse_scenarios(const std::string& path, std::string_view text, const Settings& settings);
Result<std::vector<Scenario>> load_scenarios(const std::string& path, const Settings& settings);
// The same for a file of which one combination is known to be all; 400 when there are several.
Result<Scenario> parse_scenario(const std::string& path, std::string_view text);
Result<Scenario> load_scenario(const std::string& path);

// "10s", "1m30s", "500ms" (Go's notation); nothing when malformed or negative.
std::optional<Duration> parse_duration(std::string_view text);
std::string format_duration(Duration duration);

}  // namespace kubeloop::simulator
