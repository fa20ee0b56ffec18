// The controller manager is killed in the middle of each of its writes in turn, once so that the write never arrives
// and once so that only its answer is lost; and between any two steps of its coroutines. A second one goes on, and the
// cluster comes to the state that it would have come to.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "libs/base/rng.hpp"
#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/run/run_scenario.hpp"
#include "simulator/scenario/input_file.hpp"
#include "tests/support/sanitized.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr const char* kVictim = "controller-manager";
// A new controller manager may lead only when its predecessor's lease has run out, and an expectation, a back-off or a
// quarantine may have to pass.
constexpr int kPatience = 10;

// What an object is called in a comparison of two runs: names that were made up are not the same in both.
std::string stable_name(const json& metadata) {
  if (metadata.contains("generateName")) return metadata["generateName"].get<std::string>() + "*";
  return metadata.value("name", "");
}

// What says when, in what order or under which number something came to be, and what the scheduler chose.
void drop_incidentals(json& value) {
  if (value.is_array()) {
    for (auto& element : value) drop_incidentals(element);
    return;
  }
  if (!value.is_object()) return;
  static const char* kIncidental[] = {"uid",
                                      "resourceVersion",
                                      "creationTimestamp",
                                      "generation",
                                      "observedGeneration",
                                      "time",
                                      "managedFields",
                                      "name",
                                      "lastTransitionTime",
                                      "lastUpdateTime",
                                      "lastProbeTime",
                                      "lastHeartbeatTime",
                                      "startTime",
                                      "startedAt",
                                      "finishedAt",
                                      "completionTime",
                                      "podIP",
                                      "podIPs",
                                      "hostIP",
                                      "hostIPs",
                                      "nodeName",
                                      "containerID",
                                      "imageID",
                                      "clusterIP",
                                      "clusterIPs",
                                      "addresses",
                                      "notReadyAddresses",
                                      "targetRef",
                                      "zone",
                                      "timeAdded",
                                      "podCIDR",
                                      "podCIDRs",
                                      "message",
                                      "images",
                                      "controller-uid",
                                      "batch.kubernetes.io/controller-uid",
                                      "kubernetes.io/hostname",
                                      "endpoints.kubernetes.io/last-change-trigger-time",
                                      "collisionCount",
                                      "nodeInfo",
                                      "volumesInUse"};
  for (const char* key : kIncidental) value.erase(key);
  for (auto& [key, member] : value.items()) drop_incidentals(member);
  // Conditions stand in the order in which they first came.
  if (value.contains("conditions") && value["conditions"].is_array()) {
    auto& conditions = value["conditions"];
    std::sort(conditions.begin(), conditions.end(),
              [](const json& a, const json& b) { return a.value("type", "") < b.value("type", ""); });
  }
}

// The objects that are left, one line each, sorted: equal for two runs that came to the same.
std::vector<std::string> final_state(const StoredObjects& objects) {
  std::vector<std::string> lines;
  for (const auto& [key, text] : objects) {
    // What happened on the way, and what changes all the time.
    bool is_left_out = false;
    for (const char* kind : {"/events/", "/minions/", "/leases/"}) {
      is_left_out = is_left_out || key.find(kind) != std::string::npos;
    }
    if (is_left_out) continue;
    json object = json::parse(*text);
    std::string name = object["metadata"].value("namespace", "") + "/" + stable_name(object["metadata"]);
    drop_incidentals(object);
    lines.push_back(object.value("kind", "") + " " + name + " " + object.dump());
  }
  std::ranges::sort(lines);
  return lines;
}

std::string first_difference(const std::vector<std::string>& expected, const std::vector<std::string>& found) {
  for (std::size_t i = 0; i < std::max(expected.size(), found.size()); ++i) {
    std::string a = i < expected.size() ? expected[i] : "nothing";
    std::string b = i < found.size() ? found[i] : "nothing";
    if (a != b) return "expected " + a + "\nfound    " + b;
  }
  return "";
}

struct Ending {
  RunReport report;
  std::vector<std::string> state;
  int writes = 0;
  std::uint64_t steps = 0;
};

Ending run(const Scenario& scenario, KillPlan kill) {
  VirtualRunOptions options;
  options.detail = Detail::kSteps;
  options.kill = kill;
  options.patience = kPatience;
  Ending ending;
  auto at_end = [&](VirtualCluster& cluster, const std::vector<FlowEvent>&) {
    ending.writes = cluster.writes_of(kVictim);
    ending.steps = cluster.steps_of(kVictim);
    ending.state = final_state(cluster.stored_objects());
  };
  ending.report = run_in_virtual_time(scenario, options, at_end);
  return ending;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// What the controllers do that no other scenario here shows: count a quota, remove a Job after its time, and remove
// the pods of a node that is gone.
constexpr const char* kHousekeeping = R"(apiVersion: kubeloop.dev/v1
kind: Scenario
metadata: {name: housekeeping}
spec:
  cluster: {nodes: 2}
  steps:
  - wait: {objects: nodes, condition: Ready, count: 2, within: 60s}
  - wait: {object: serviceaccount/default/default, within: 60s}
  - apply:
      inline:
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: quota}
        spec: {hard: {pods: "5", count/jobs.batch: "3"}}
  - wait: {object: resourcequota/default/quota, matches: {status: {used: {pods: "0"}}}, within: 60s}
  - apply:
      inline:
        apiVersion: v1
        kind: Pod
        metadata: {name: stays}
        spec:
          nodeSelector: {kubernetes.io/hostname: node-2}
          containers: [{name: c, image: "nginx:1.27"}]
  - wait: {object: pod/default/stays, condition: Ready, within: 60s}
  - apply:
      inline:
        apiVersion: batch/v1
        kind: Job
        metadata: {name: short}
        spec:
          ttlSecondsAfterFinished: 5
          template:
            metadata: {annotations: {kubeloop.dev/run: 2s}}
            spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:1.36"}]}
  - wait: {object: job/default/short, absent: true, within: 60s}
  - wait:
      object: resourcequota/default/quota
      matches: {status: {used: {pods: "1", count/jobs.batch: "0"}}}
      within: 60s
  - node: {stop: node-2}
  - delete: {object: node/node-2}
  - wait: {object: pod/default/stays, absent: true, within: 120s}
  - wait: {object: resourcequota/default/quota, matches: {status: {used: {pods: "0"}}}, within: 60s}
)";

std::string text_of(const std::string& name) {
  auto text = read_input_file(std::string(KUBELOOP_SOURCE_DIR) + "/scenarios/" + name + ".yaml");
  REQUIRE_MESSAGE(text.has_value(), name);
  return *text;
}

// Long enough for all that comes late: expectations that run out after five minutes, the pod garbage collector.
Scenario with_rest(Scenario scenario) {
  Step rest;
  SleepStep sleep;
  sleep.duration = std::chrono::minutes(6);
  rest.action = sleep;
  rest.text = "sleep 6m";
  scenario.steps.push_back(std::move(rest));
  return scenario;
}

KillPlan no_kill() {
  KillPlan plan;
  plan.component = kVictim;
  return plan;
}

void check_same(const std::string& name, const std::string& moment, const Ending& reference, const Ending& ending) {
  std::string where = name + ", killed in " + moment;
  CHECK_MESSAGE(ending.report.verdict == Verdict::kPassed, where, ": ", ending.report.message);
  auto difference = first_difference(reference.state, ending.state);
  CHECK_MESSAGE(difference == "", where, ":\n", difference);
}

void kill_in_writes(const std::string& name, const Scenario& scenario, const Ending& reference) {
  // To lose a write leaves what losing only the answer to the one before it leaves, unless somebody else wrote in
  // between: every third will do, if nobody asks for all.
  int lost_stride = std::getenv("KUBELOOP_EVERY_KILL") ? 1 : 3;
  // Under a sanitizer only one in the middle.
  int first = kIsSanitized ? reference.writes / 2 : 1;
  int stride = kIsSanitized ? reference.writes : 1;
  for (int write = first; write <= reference.writes; write += stride) {
    for (bool is_committed : {false, true}) {
      if (!is_committed && (write - first) % lost_stride != 0) continue;
      KillPlan plan = no_kill();
      plan.write = write;
      plan.is_committed = is_committed;
      std::string moment =
          fmt::format("write {} of {}, which {}", write, reference.writes, is_committed ? "arrived" : "was lost");
      check_same(name, moment, reference, run(scenario, plan));
    }
  }
}

// The steps are some thousands: a few are drawn, and KUBELOOP_KILLED_STEPS says how many.
void kill_in_steps(const std::string& name, const Scenario& scenario, const Ending& reference) {
  const char* asked = std::getenv("KUBELOOP_KILLED_STEPS");
  std::uint64_t count = asked ? std::strtoull(asked, nullptr, 10) : 10;
  std::uint64_t span = std::max<std::uint64_t>(1, reference.steps / std::max<std::uint64_t>(1, count));
  Rng rng(count);
  for (std::uint64_t first = 1; first + span <= reference.steps + 1; first += span) {
    KillPlan plan = no_kill();
    plan.step = first + rng.below(span);
    std::string moment = fmt::format("step {} of {}", plan.step, reference.steps);
    check_same(name, moment, reference, run(scenario, plan));
  }
}

void kill_everywhere(const std::string& name, const std::string& text) {
  auto parsed = parse_scenario(name, text);
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  Scenario scenario = with_rest(*parsed);
  Ending reference = run(scenario, no_kill());
  REQUIRE_MESSAGE(reference.report.verdict == Verdict::kPassed, name, ": ", reference.report.message);
  REQUIRE(!reference.state.empty());
  REQUIRE(reference.writes > 10);
  REQUIRE(reference.steps > 100);
  kill_in_writes(name, scenario, reference);
  if (!kIsSanitized) kill_in_steps(name, scenario, reference);
}

TEST_CASE("killed at any moment of a rollout") {
  kill_everywhere("deployment-rollout", text_of("deployment-rollout"));
}

TEST_CASE("killed at any moment of a rollout that is undone") {
  kill_everywhere("bad-rollout-and-undo", text_of("bad-rollout-and-undo"));
}

TEST_CASE("killed at any moment of a drain") {
  kill_everywhere("drain-with-budget", text_of("drain-with-budget"));
}

TEST_CASE("killed at any moment that follows a Service's pods") {
  kill_everywhere("service-endpoints", text_of("service-endpoints"));
}

TEST_CASE("killed at any moment while a namespace goes away") {
  kill_everywhere("namespace-goes-away", text_of("namespace-goes-away"));
}

TEST_CASE("killed at any moment while owners are deleted") {
  kill_everywhere("owner-chain", text_of("owner-chain"));
}

TEST_CASE("killed at any moment of a Job") {
  // What the scenario waits for on the way must last until the next controller manager leads.
  kill_everywhere("job-completes", replaced(text_of("job-completes"), "run: 3s}", "run: 60s}"));
}

TEST_CASE("killed at any moment while a node fails") {
  // A node that is back before the next controller manager leads keeps its pod.
  std::string marked = "  - wait: {object: pod/default/web, condition: DisruptionTarget, within: 320s}\n";
  kill_everywhere("node-failure", replaced(text_of("node-failure"), marked, marked + "  - sleep: 6m\n"));
}

TEST_CASE("killed at any moment of the housekeeping") {
  kill_everywhere("housekeeping", kHousekeeping);
}

}  // namespace
}  // namespace kubeloop::simulator
