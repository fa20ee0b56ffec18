// The controller manager is killed in the middle of each of its writes in turn, once so that the write never arrives
// and once so that only its answer is lost. A second one goes on, and the cluster comes to the state that it would have
// come to.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/run/run_scenario.hpp"
#include "simulator/scenario/input_file.hpp"
#include "tests/simulation/seed_count.hpp"

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
std::vector<std::string> final_state(const VirtualCluster::StoredObjects& objects) {
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
};

Ending run(const Scenario& scenario, std::optional<KillPlan> kill) {
  VirtualRunOptions options;
  options.detail = Detail::kSteps;
  options.kill = kill;
  options.patience = kPatience;
  Ending ending;
  auto at_end = [&](VirtualCluster& cluster, const std::vector<FlowEvent>&) {
    ending.writes = cluster.writes_of(kVictim);
    ending.state = final_state(cluster.stored_objects());
  };
  ending.report = run_in_virtual_time(scenario, options, at_end);
  return ending;
}

// The scenario of that name. What is waited for on the way must last until the next controller manager leads.
Scenario long_lived(const std::string& name) {
  auto text = read_input_file(std::string(KUBELOOP_SOURCE_DIR) + "/scenarios/" + name + ".yaml");
  REQUIRE_MESSAGE(text.has_value(), name);
  std::string from = "kubeloop.dev/run: 3s}", to = "kubeloop.dev/run: 60s}";
  if (auto at = text->find(from); at != std::string::npos) text->replace(at, from.size(), to);
  auto scenario = parse_scenario(name, *text);
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message);
  return std::move(*scenario);
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

void kill_everywhere(const std::string& name) {
  Scenario scenario = with_rest(long_lived(name));
  Ending reference = run(scenario, std::nullopt);
  REQUIRE_MESSAGE(reference.report.verdict == Verdict::kPassed, name, ": ", reference.report.message);
  const auto& expected = reference.state;
  REQUIRE(!expected.empty());
  REQUIRE(reference.writes > 10);
  int stride = kSeeds < 20 ? 11 : 1;  // under a sanitizer only some
  // To lose a write leaves what losing only the answer to the one before it leaves, unless somebody else wrote in
  // between: every third will do, if nobody asks for all.
  int lost_stride = std::getenv("KUBELOOP_EVERY_KILL") ? 1 : 3;
  for (int write = 1; write <= reference.writes; write += stride) {
    for (bool is_committed : {false, true}) {
      if (!is_committed && (write - 1) % lost_stride != 0) continue;
      KillPlan plan;
      plan.component = kVictim;
      plan.write = write;
      plan.is_committed = is_committed;
      Ending ending = run(scenario, plan);
      std::string where = name + ", killed in write " + std::to_string(write) + " of " +
                          std::to_string(reference.writes) + (is_committed ? ", which arrived" : ", which was lost");
      CHECK_MESSAGE(ending.report.verdict == Verdict::kPassed, where, ": ", ending.report.message);
      auto difference = first_difference(expected, ending.state);
      CHECK_MESSAGE(difference == "", where, ":\n", difference);
    }
  }
}

TEST_CASE("killed in any write of a rollout") {
  kill_everywhere("deployment-rollout");
}

TEST_CASE("killed in any write of a rollout that is undone") {
  kill_everywhere("bad-rollout-and-undo");
}

TEST_CASE("killed in any write of a drain") {
  kill_everywhere("drain-with-budget");
}

TEST_CASE("killed in any write that follows a Service's pods") {
  kill_everywhere("service-endpoints");
}

TEST_CASE("killed in any write while a namespace goes away") {
  kill_everywhere("namespace-goes-away");
}

TEST_CASE("killed in any write while owners are deleted") {
  kill_everywhere("owner-chain");
}

TEST_CASE("killed in any write of a Job") {
  kill_everywhere("job-completes");
}

}  // namespace
}  // namespace kubeloop::simulator
