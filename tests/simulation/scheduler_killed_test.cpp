// The scheduler dies around a binding: before it is sent, while it is in the network, and after it was answered.
// Whatever the moment: one accepted binding per pod, one node ran the pod, and the restarted scheduler's cache holds
// what is bound.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "kubelet-sim/kubelet_sim.hpp"
#include "libs/base/planted.hpp"
#include "scheduler/scheduler.hpp"
#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/run/run_scenario.hpp"
#include "tests/simulation/seed_count.hpp"

namespace kubeloop::simulator {
namespace {

constexpr int kPods = 4;
constexpr std::int64_t kMilliPerPod = 300;
// The next scheduler begins when the lease of the dead one has expired: within 15 s and one look of at most 4.4 s.
constexpr Duration kBeforeTheNext = std::chrono::seconds(4);
constexpr Duration kAfterTheNext = std::chrono::seconds(25);

// Four pods, a scheduler that dies at `place` (empty: only the held binding kills it) and comes back.
Scenario killed_scheduler(const std::string& place) {
  std::string text =
      "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: scheduler-killed}\nspec:\n  steps:\n"
      "  - wait: {object: node/node-1, condition: Ready, within: 30s}\n"
      "  - wait: {object: serviceaccount/default/default, within: 30s}\n"
      "  - barrier: {quiet: 500ms, within: 30s}\n";
  if (!place.empty()) text += "  - component: {kill: scheduler, at: " + place + "}\n";
  text += "  - apply:\n      inline:\n";
  for (int i = 1; i <= kPods; ++i) {
    text += "      - {apiVersion: v1, kind: Pod, metadata: {name: p" + std::to_string(i) +
            "}, spec: {containers: [{name: c, image: \"nginx:1.27\", resources: {requests: {cpu: 300m}}}]}}\n";
  }
  text += "  - component: {start: scheduler}\n";
  for (int i = 1; i <= kPods; ++i) {
    text += "  - wait: {object: pod/default/p" + std::to_string(i) + ", condition: Ready, within: 60s}\n";
  }
  text += "  - sleep: 20s\n";
  auto scenario = parse_scenario("scheduler-killed.yaml", text);
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message);
  return *scenario;
}

struct Findings {
  std::string violation;  // "" = all is as it must be
  int bindings = 0;
};

Findings check(const std::string& place, VirtualRunOptions options) {
  Findings findings;
  auto at_end = [&](VirtualCluster& cluster, const std::vector<FlowEvent>& events) {
    std::map<std::string, int> bindings;
    for (const auto& event : events) {
      if (event.kind == "commit" && event.object.ends_with("/binding")) ++bindings[event.object];
    }
    for (const auto& [pod, count] : bindings) {
      findings.bindings += count;
      if (count != 1) findings.violation += pod + " was bound " + std::to_string(count) + " times; ";
    }
    if (bindings.size() != kPods) findings.violation += std::to_string(bindings.size()) + " pods were bound; ";
    std::map<std::string, std::set<std::string>> nodes_of;
    for (const auto& start : cluster.kubelet_sim()->runtime().starts()) nodes_of[start.uid].insert(start.node);
    for (const auto& [uid, nodes] : nodes_of) {
      if (nodes.size() != 1) findings.violation += "a pod ran on " + std::to_string(nodes.size()) + " nodes; ";
    }
    std::int64_t cached = 0;
    for (const auto& [name, info] : cluster.scheduler()->cache().nodes()) cached += info->requested.milli_cpu;
    if (cached != kPods * kMilliPerPod)
      findings.violation += "the cache holds " + std::to_string(cached) + "m of CPU; ";
    if (cluster.scheduler()->cache().assumed_count() != 0) findings.violation += "a pod is still assumed; ";
  };
  RunReport report = run_in_virtual_time(killed_scheduler(place), options, at_end);
  if (report.verdict != Verdict::kPassed) findings.violation += report.message;
  return findings;
}

VirtualRunOptions with_seed(std::uint64_t seed) {
  VirtualRunOptions options;
  options.seed = seed;
  options.shuffle_seed = seed;
  return options;
}

TEST_CASE("killed before the binding is sent, and after it was answered") {
  for (const char* place : {"before-bind", "after-bind"}) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Findings findings = check(place, with_seed(seed));
      CHECK_MESSAGE(findings.violation == "", place, ", seed ", seed, ": ", findings.violation);
    }
  }
}

TEST_CASE("killed while the binding is in the network: it arrives before the next scheduler begins, or after") {
  for (Duration hold : {kBeforeTheNext, kAfterTheNext}) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      VirtualRunOptions options = with_seed(seed);
      options.hold_first_binding = hold;
      Findings findings = check("", options);
      CHECK_MESSAGE(findings.violation == "", "seed ", seed, ": ", findings.violation);
    }
  }
}

TEST_CASE("a hub that forgets the check for pods that are bound already is found out") {
  PlantedMistake mistake("hub-binds-assigned-pod");
  int found = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    VirtualRunOptions options = with_seed(seed);
    options.hold_first_binding = kAfterTheNext;
    std::string violation = check("", options).violation;
    found += violation.find("bound") != std::string::npos ? 1 : 0;
  }
  CHECK(found == static_cast<int>(kSeeds));
}

}  // namespace
}  // namespace kubeloop::simulator
