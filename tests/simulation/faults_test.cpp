// Every kind of fault on a small cluster: it has its effect while it is on, and all is well when it is over. In both
// fidelities, and each run twice with equal reports.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "libs/base/planted.hpp"
#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/run/run_scenario.hpp"
#include "simulator/sweep/mistakes.hpp"
#include "tests/support/sanitized.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kHead = "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n";
const std::string kBegin = R"(  cluster: {nodes: 2}
  steps:
  - wait: {objects: nodes, condition: Ready, count: 2, within: 60s}
  - wait: {object: serviceaccount/default/default, within: 60s}
  - barrier: {quiet: 500ms, within: 60s}
)";
const std::string kEnd = R"(  - heal: {within: 5m}
  - wait: {objects: nodes, condition: Ready, count: 2, within: 2m}
  - apply:
      inline: {apiVersion: v1, kind: Pod, metadata: {name: last}, spec: {containers: [{name: c, image: "web:1"}]}}
  - wait: {objects: pods, condition: Ready, count: {$gte: 1}, within: 2m}
  - wait: {objects: pods, condition: Ready=False, count: 0, within: 2m}
  - wait: {object: pod/default/last, condition: Ready, within: 2m}
)";
const std::string kPod =
    "  - apply: {inline: {apiVersion: v1, kind: Pod, metadata: {name: one}, spec: {containers: [{name: c, image: "
    "\"web:1\"}]}}}\n";
const std::string kWeb = R"(  - apply:
      inline:
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: "web:1"}]}}
)";
// The scheduler has not come to the pod for so long.
std::string unscheduled_for(const std::string& time) {
  return kPod + "  - sleep: " + time + "\n  - assert: {object: pod/default/one, matches: {spec: {nodeName: null}}}\n";
}
const std::string kOneIsReady = "  - wait: {object: pod/default/one, condition: Ready, within: 2m}\n";
const std::string kUnknown = "  - wait: {object: node/node-1, condition: Ready=Unknown, within: 65s}\n";
const std::string kBack = "  - wait: {object: node/node-1, condition: Ready, within: 60s}\n";

struct Run {
  RunReport report;
  std::vector<FlowEvent> events;
};

Scenario read(const std::string& text) {
  auto scenario = parse_scenario("x.yaml", text);
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message);
  return std::move(*scenario);
}

Run run(const Scenario& scenario, Fidelity fidelity) {
  Run out;
  VirtualRunOptions options;
  options.fidelity = fidelity;
  out.report =
      run_in_virtual_time(scenario, options, [&out](VirtualCluster&, const auto& events) { out.events = events; });
  return out;
}

// The same without the fault: an effect must be one of the fault's.
Scenario without_faults(Scenario scenario) {
  std::erase_if(scenario.steps, [](const Step& step) { return std::holds_alternative<FaultStep>(step.action); });
  return scenario;
}

using Measure = std::function<double(const Run&)>;

// One kind of fault and what it does.
struct Trial {
  FaultKind kind;
  std::string fault;  // without its braces
  std::string steps;  // what shows its effect
  // How the effect is measured where no step can see it, and by how much more of it there must be.
  Measure measure = nullptr;
  double more = 0;
};

double seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

// Requests of the scheduler with that verb for pods.
Measure scheduler_requests(const std::string& verb) {
  return [verb](const Run& run) {
    return static_cast<double>(std::ranges::count_if(run.events, [&](const FlowEvent& event) {
      return event.kind == "request" && event.actor == "scheduler" && event.verb == verb &&
             event.object.starts_with("pods");
    }));
  };
}

// The longest time in which nothing was written; leases are renewed every two seconds.
double longest_silence(const Run& run) {
  std::optional<WallTime> last;
  Duration longest{};
  for (const auto& event : run.events) {
    if (event.kind != "commit") continue;
    if (last) longest = std::max<Duration>(longest, event.time - *last);
    last = event.time;
  }
  return seconds(longest);
}

double longest_step(const Run& run) {
  Duration longest{};
  for (const auto& step : run.report.steps) {
    if (step.text.starts_with("apply")) longest = std::max<Duration>(longest, step.ended - step.started);
  }
  return seconds(longest);
}

std::vector<Trial> node_trials() {
  using enum FaultKind;
  return {{kNodeStop, "node: node-1, kind: stop, for: 90s", kUnknown + kBack},
          {kNodePartition, "node: node-1, kind: partition, for: 90s", kUnknown + kBack},
          {kNodeFlap, "node: node-1, kind: flap, every: 80s, for: 300s",
           kUnknown + kBack + "  - wait: {object: node/node-1, condition: Ready=Unknown, within: 3m}\n" + kBack},
          {kSlowHeartbeats, "node: node-1, kind: slow-heartbeats, by: 3m, for: 90s",
           kUnknown + "  - wait: {object: node/node-1, condition: Ready, within: 4m}\n"}};
}

std::vector<Trial> component_trials() {
  using enum FaultKind;
  return {{kKill, "component: scheduler, kind: kill, for: 20s", unscheduled_for("19s") + kOneIsReady},
          {kFreeze, "component: scheduler, kind: freeze, for: 8s", unscheduled_for("7s") + kOneIsReady},
          {kClockSkew, "component: kubelet-sim, kind: clock-skew, by: 5h, for: 30s",
           kPod + kOneIsReady +
               "  - assert: {object: pod/default/one, matches: {metadata: {creationTimestamp: {$regex: \"T00:\"}}, "
               "status: {startTime: {$regex: \"T05:\"}}}}\n"}};
}

std::vector<Trial> api_trials() {
  using enum FaultKind;
  std::string api = "api: scheduler, resource: pods, kind: ";
  return {
      {kDelay, api + "delay, by: 1h, for: 20s", unscheduled_for("30s")},
      {kConflict, "api: controller-manager, resource: deployments, kind: conflict, for: 20s",
       kWeb + "  - sleep: 19s\n  - assert: {object: deployment/default/web, matches: {status: {readyReplicas: null}}}\n"
              "  - assert: {objects: pods, condition: Ready, count: 2}\n"
              "  - wait: {object: deployment/default/web, matches: {status: {readyReplicas: 2}}, within: 2m}\n"},
      {kTooManyRequests, api + "too-many-requests, for: 20s", unscheduled_for("19s") + kOneIsReady},
      {kServerError, api + "server-error, for: 20s", unscheduled_for("19s") + kOneIsReady},
      {kLostRequest, api + "lost-request, for: 20s", unscheduled_for("19s") + kOneIsReady},
      {kLostReply, "api: controller-manager, resource: pods, kind: lost-reply, for: 20s",
       kWeb + "  - wait: {objects: events, matches: {reason: FailedCreate}, count: {$gte: 1}, within: 20s}\n"
              "  - wait: {objects: pods, selector: app=web, condition: Ready, count: 2, within: 2m}\n"}};
}

std::vector<Trial> watch_trials() {
  using enum FaultKind;
  std::string watch = "watch: scheduler, resource: pods, kind: ";
  return {{kWatchCut, watch + "cut", kPod + kOneIsReady, scheduler_requests("watch"), 1},
          {kWatchDelay, watch + "delay, by: 1m, for: 20s", unscheduled_for("1s") + kOneIsReady},
          {kWatchStale, watch + "stale, events: 10, by: 20s, for: 60s", unscheduled_for("19s") + kOneIsReady},
          {kWatchSkip, watch + "skip, by: 20s, for: 60s", unscheduled_for("19s") + kOneIsReady},
          {kWatchReorder, watch + "reorder, by: 20s, for: 60s", unscheduled_for("19s") + kOneIsReady},
          {kWatchExpire, watch + "expire, for: 1s", kPod + kOneIsReady, scheduler_requests("list"), 1}};
}

std::vector<Trial> disk_trials() {
  using enum FaultKind;
  std::string quiet = "  - sleep: 15s\n";
  return {{kDiskFull, "disk: full, for: 6s", quiet, longest_silence, 3},
          {kPowerCut, "disk: power-cut, for: 6s", quiet, longest_silence, 3},
          {kDiskSlow, "disk: slow, by: 1s, for: 6s", kPod + kOneIsReady, longest_step, 0.9}};
}

void try_it(const Trial& trial, Fidelity fidelity) {
  std::string name(info_of(trial.kind).name);
  std::string shown = std::string(area_name(info_of(trial.kind).area)) + " " + name +
                      (fidelity == Fidelity::kWire ? " on the wire" : "");
  auto scenario = read(kHead + kBegin + "  - fault: {" + trial.fault + "}\n" + trial.steps + kEnd);
  auto faulty = run(scenario, fidelity);
  CHECK_MESSAGE(faulty.report.verdict == Verdict::kPassed, shown, ": ", faulty.report.message);
  CHECK_MESSAGE(faulty.report.faults.size() == 1, shown);
  auto again = run(scenario, fidelity);
  CHECK_MESSAGE(to_json_text({faulty.report}) == to_json_text({again.report}), shown);
  if (!trial.measure && fidelity == Fidelity::kWire) return;
  auto calm = run(without_faults(scenario), fidelity);
  if (trial.measure) {
    CHECK_MESSAGE(calm.report.verdict == Verdict::kPassed, shown, ": ", calm.report.message);
    double with = trial.measure(faulty), without = trial.measure(calm);
    CHECK_MESSAGE(with >= without + trial.more, shown, ": ", with, " instead of ", without);
  } else {
    // The steps that pass under the fault cannot pass without it.
    CHECK_MESSAGE(calm.report.verdict != Verdict::kPassed, shown);
  }
}

void try_all(const std::vector<Trial>& trials) {
  for (const auto& trial : trials) {
    try_it(trial, Fidelity::kDirect);
    if (!kIsSanitized) try_it(trial, Fidelity::kWire);
  }
}

TEST_CASE("faults of nodes") {
  try_all(node_trials());
}
TEST_CASE("faults of components") {
  try_all(component_trials());
}
TEST_CASE("faults of requests") {
  try_all(api_trials());
}
TEST_CASE("faults of watches") {
  try_all(watch_trials());
}
TEST_CASE("faults of the disk") {
  try_all(disk_trials());
}

TEST_CASE("every kind is tried") {
  std::set<FaultKind> tried;
  for (const auto& trials : {node_trials(), component_trials(), api_trials(), watch_trials(), disk_trials()}) {
    for (const auto& trial : trials) tried.insert(trial.kind);
  }
  CHECK(tried.size() == fault_kinds().size());
}

TEST_CASE("a component dies at the write or the turn that it is told, and comes back") {
  for (const char* when : {"atWrite: 1", "atWrite: 1, arrives: true", "atTurn: 40"}) {
    for (const char* who : {"scheduler", "controller-manager", "kubelet-sim"}) {
      auto scenario = read(kHead + kBegin + "  - fault: {component: " + who + ", kind: kill, for: 2s, " + when + "}\n" +
                           kWeb + kEnd);
      auto report = run(scenario, Fidelity::kDirect).report;
      CHECK_MESSAGE(report.verdict == Verdict::kPassed, who, " ", when, ": ", report.message);
    }
  }
}

TEST_CASE("the hub stays dead for as long as it is told, however it dies") {
  for (const char* fault : {"component: apiserver, kind: kill, for: 6s", "disk: power-cut, carriedOut: true, for: 6s",
                            "component: apiserver, kind: kill, atWrite: 2, for: 6s"}) {
    auto out = run(read(kHead + kBegin + "  - fault: {" + fault + "}\n  - sleep: 15s\n" + kEnd), Fidelity::kDirect);
    CHECK_MESSAGE(out.report.verdict == Verdict::kPassed, fault, ": ", out.report.message);
    CHECK_MESSAGE(longest_silence(out) >= 6, fault);
    CHECK_MESSAGE(longest_silence(out) < 9.5, fault);
  }
}

TEST_CASE("a fault on what is not there is an error") {
  auto message_of = [](const std::string& fault) {
    auto report = run(read(kHead + kBegin + "  - fault: {" + fault + "}\n"), Fidelity::kDirect).report;
    CHECK(report.verdict == Verdict::kError);
    return report.message;
  };
  CHECK(message_of("node: node-9, kind: stop").find("the cluster has no node \"node-9\"") != std::string::npos);
  CHECK(message_of("node: node-9, kind: partition").find("the cluster has no node \"node-9\"") != std::string::npos);
}

// --- what a run comes to

const std::string kPlan = "  faults: [{at: 1s, node: node-1, kind: stop, for: 5s}]\n";

TEST_CASE("what a step asserts and is not so is 4") {
  auto report = run(read(kHead + kBegin + "  - assert: {objects: nodes, count: 3}\n"), Fidelity::kDirect).report;
  CHECK(static_cast<int>(report.verdict) == 4);
}

TEST_CASE("what must never be is 8, with the checker, its commit and what led to it") {
  const Mistake* mistake = find_mistake("hub-binds-assigned-pod");
  REQUIRE(mistake != nullptr);
  auto scenario = load_scenario(std::string(KUBELOOP_SOURCE_DIR) + "/" + std::string(mistake->scenario));
  REQUIRE(scenario.has_value());
  PlantedMistake planted{std::string(mistake->name)};
  RunReport report;
  for (std::uint64_t seed = 1; seed <= mistake->seeds && report.verdict == Verdict::kPassed; ++seed) {
    report = run_once(*scenario, options_of(*mistake), seed);
  }
  CHECK(static_cast<int>(report.verdict) == 8);
  REQUIRE(report.violation.has_value());
  CHECK(report.violation->checker == mistake->found_by);
  CHECK(report.message.starts_with(report.violation->checker + ": "));
  REQUIRE(report.causes.size() >= 1);
  CHECK_MESSAGE(report.causes[0].find("rev " + std::to_string(report.violation->revision)) != std::string::npos,
                report.causes[0]);
}

TEST_CASE("what does not come to be after faults is 9; without faults it is late: 5") {
  std::string never = kBegin + "  - wait: {objects: nodes, count: 3, within: 30s}\n";
  CHECK(static_cast<int>(run(read(kHead + kPlan + never), Fidelity::kDirect).report.verdict) == 9);
  CHECK(static_cast<int>(run(read(kHead + never), Fidelity::kDirect).report.verdict) == 5);
  std::string wrong = kBegin + "  - assert: {objects: nodes, count: 3}\n";
  CHECK(static_cast<int>(run(read(kHead + kPlan + wrong), Fidelity::kDirect).report.verdict) == 9);
}

TEST_CASE("a cluster that does not come to rest after a heal step, or at the end, is 9") {
  std::string crashing = kBegin + R"(  - apply:
      inline:
        apiVersion: v1
        kind: Pod
        metadata: {name: one, annotations: {kubeloop.dev/run: 1s exit 1}}
        spec: {containers: [{name: c, image: "web:1"}]}
  - sleep: 5s
)";
  auto healing = run(read(kHead + crashing + "  - heal: {within: 2s}\n"), Fidelity::kDirect).report;
  CHECK(static_cast<int>(healing.verdict) == 9);
  // At the end it is demanded of those who plan faults.
  CHECK(run_in_virtual_time(read(kHead + crashing), VirtualRunOptions()).verdict == Verdict::kPassed);
  auto resting = run_in_virtual_time(read(kHead + kPlan + crashing), VirtualRunOptions());
  CHECK(static_cast<int>(resting.verdict) == 9);
  CHECK_MESSAGE(resting.message.starts_with("the cluster never came to rest"), resting.message);
  CHECK_MESSAGE(resting.message.find("the last it did was kubelet-sim") != std::string::npos, resting.message);
}

TEST_CASE("planned faults are told with their times, and what they had to be healed by") {
  auto scenario = read(kHead + kPlan + kBegin);
  auto report = run_in_virtual_time(scenario, VirtualRunOptions());
  CHECK_MESSAGE(report.verdict == Verdict::kPassed, report.message);
  REQUIRE(report.faults.size() == 1);
  CHECK(report.faults[0].text == "node-1 falls silent, for 5s");
  // The steps begin as soon as the hub has begun.
  CHECK(report.faults[0].time - report.began >= 1s);
  CHECK(report.faults[0].time - report.began < 1100ms);
  CHECK(report.healed > report.faults[0].time + 5s);
}

}  // namespace
}  // namespace kubeloop::simulator
