// The parts of the scenario language, each run in virtual time: what is asked of the cluster is what it does, and the
// same seed gives the same history.
#include <doctest/doctest.h>

#include <string>

#include "kubelet-sim/kubelet_sim.hpp"
#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/run/run_scenario.hpp"
#include "tests/support/sanitized.hpp"

namespace kubeloop::simulator {
namespace {

constexpr std::uint64_t kFewSeeds = kIsSanitized ? 1 : 2;

Scenario scenario_of(const std::string& spec) {
  auto scenario =
      parse_scenario("x.yaml", "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n" + spec);
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message);
  return std::move(*scenario);
}

RunReport run_once(const Scenario& scenario, std::uint64_t seed) {
  VirtualRunOptions options;
  options.seed = seed;
  options.detail = Detail::kSteps;
  return run_in_virtual_time(scenario, options);
}

// Passes with every seed, twice with the same history.
void check_passes(const std::string& spec) {
  auto scenario = scenario_of(spec);
  for (std::uint64_t seed = 1; seed <= kFewSeeds; ++seed) {
    auto report = run_once(scenario, seed);
    CHECK_MESSAGE(report.verdict == Verdict::kPassed, "seed ", seed, ": ", report.message);
    CHECK(run_once(scenario, seed).history == report.history);
  }
}

const std::string kReady = R"(  steps:
  - wait: {objects: nodes, condition: Ready, count: 2, within: 60s}
  - wait: {object: serviceaccount/default/default, within: 60s}
)";
const std::string kWeb = R"(  templates:
    web: {apiVersion: v1, kind: Pod, metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: "web:1"}]}}
)";

TEST_CASE("many objects in one step, and gone in one step") {
  check_passes("  cluster: {nodePools: [{name: big, count: 2, capacity: {cpu: 64, pods: 200}}]}\n" + kWeb + kReady + R"(
  - create: {template: web, count: 150, set: {"metadata.labels.number": "n{i}"}}
  - assert: {object: pod/default/web-150, matches: {metadata: {labels: {number: n150, app: web}}}}
  - wait: {objects: pods, selector: app=web, count: 150, condition: Ready, within: 10m}
  - delete: {objects: pods, selector: app=web}
  - wait: {objects: pods, count: 0, within: 2m}
)");
}

TEST_CASE("a load comes and goes") {
  for (const char* distribution : {"constant", "poisson", "uniform"}) {
    check_passes("  cluster: {nodes: 2}\n" + kWeb + kReady +
                 "  - load: {template: web, rate: 1/s, distribution: " + distribution + R"(, for: 10s, lifetime: 4s±1s}
  - wait: {objects: pods, count: 0, within: 1m}
  - assert: {object: pod/default/web-1, absent: true}
)");
  }
}

TEST_CASE("a constant load makes as many as its rate says") {
  check_passes("  cluster: {nodes: 2}\n" + kReady + R"(
  - load: {object: {apiVersion: v1, kind: ConfigMap}, name: "map-{i}", rate: 3/s, for: 10s, set: {data.number: "{i}"}}
  - assert: {objects: configmaps, count: 31}  # one is of the namespace
  - assert: {object: configmap/default/map-30, matches: {data: {number: "30"}}}
)");
}

TEST_CASE("a load outlives the death of the hub, and what is refused ends it") {
  check_passes("  cluster: {nodes: 2}\n" + kWeb + kReady + R"(
  - load: {template: web, rate: 5/s, for: 10s, lifetime: 3s, background: true}
  - sleep: 3s
  - component: {kill: apiserver}
  - sleep: 2s
  - component: {start: apiserver}
  - sleep: 10s
  - wait: {objects: pods, count: 0, within: 1m}
)");
  auto refused = scenario_of("  cluster: {nodes: 2}\n" + kWeb + kReady + R"(
  - load: {template: web, rate: 5/s, for: 10s, set: {spec.containers: []}, background: true}
  - sleep: 3s
  - sleep: 3s
)");
  auto report = run_once(refused, 1);
  CHECK(report.verdict == Verdict::kError);
  CHECK_MESSAGE(
      report.message.find("a load in the background ended: web-1: Pod \"web-1\" is invalid") != std::string::npos,
      report.message);
}

TEST_CASE("steps begin at their time") {
  auto scenario = scenario_of(R"(  steps:
  - sleep: 1s
  - {sleep: 1s, at: 10s}
  - {sleep: 1s, at: 5s}
)");
  auto report = run_once(scenario, 1);
  REQUIRE(report.steps.size() == 3);
  CHECK(report.steps[1].started - report.steps[0].started == 10s);
  CHECK(report.steps[2].started - report.steps[0].started == 11s);  // its time is past
}

TEST_CASE("a component that is off begins when a step starts it") {
  check_passes("  cluster: {nodes: 2, components: {scheduler: off}}\n" + kWeb + kReady + R"(
  - create: {template: web, name: web}
  - sleep: 30s
  - assert: {object: pod/default/web, matches: {spec: {nodeName: null}}}
  - component: {start: scheduler}
  - wait: {object: pod/default/web, condition: Ready, within: 60s}
)");
}

TEST_CASE("flags mean in virtual time what they mean to the process") {
  check_passes(R"(  cluster:
    nodes: 2
    components:
      controller-manager: {flags: {node-monitor-grace-period: 12s, node-monitor-period: 1s}}
      kubelet-sim: {flags: {node-lease-renew-interval: 3s}}
      apiserver: {flags: {default-unreachable-toleration-seconds: 7}}
)" + kWeb + kReady +
               R"(
  - create: {template: web, name: web}
  - assert:
      object: pod/default/web
      matches: {spec: {tolerations: [{key: node.kubernetes.io/unreachable, tolerationSeconds: 7}]}}
  - node: {stop: node-1}
  - wait: {object: node/node-1, condition: Ready=Unknown, within: 15s}
  - assert: {object: node/node-2, condition: Ready}
)");
}

TEST_CASE("the nodes of pools are the same after a restart of kubelet-sim") {
  check_passes(R"(  cluster:
    nodePools:
    - name: a
      count: 2
      zones: [east, west]
      capacity: {example.com/gpu: 3}
      taints: [{key: t, effect: NoExecute}]
)" + kReady + R"(
  - component: {kill: kubelet-sim}
  - delete: {object: node/a-2}
  - component: {start: kubelet-sim}
  - wait: {object: node/a-2, condition: Ready, within: 60s}
  - assert:
      object: node/a-2
      matches:
        metadata: {labels: {topology.kubernetes.io/zone: west, kubernetes.io/hostname: a-2}}
        spec: {taints: [{key: t, effect: NoExecute}]}
        status: {capacity: {cpu: "4", example.com/gpu: "3"}, allocatable: {example.com/gpu: "3"}}
  - assert: {objects: nodes, count: 2}
)");
}

TEST_CASE("behaviours of images stand below annotations") {
  check_passes("  cluster: {nodes: 2, behaviours: [{image: \"web:*\", run: \"1s exit 4\"}]}\n" + kWeb + kReady + R"(
  - create: {template: web, name: web, set: {spec.restartPolicy: Never}}
  - wait: {object: pod/default/web, matches: {status: {phase: Failed}}, within: 60s}
  - create: {template: web, name: fine, set: {spec.restartPolicy: Never, "metadata.annotations[kubeloop.dev/run]": 2s}}
  - wait: {object: pod/default/fine, matches: {status: {phase: Succeeded}}, within: 60s}
)");
}

TEST_CASE("the horizon ends a run") {
  auto report = run_once(scenario_of("  horizon: 1m\n  steps: [{sleep: 2m}]\n"), 1);
  CHECK(report.verdict == Verdict::kTimeout);
  CHECK(report.message == "the virtual clock reached its horizon");
}

}  // namespace
}  // namespace kubeloop::simulator
