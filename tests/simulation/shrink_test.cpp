// Failing scenarios are made smaller, and what comes out fails in the same way, also when it is read from its text.
#include "simulator/sweep/shrink.hpp"

#include <doctest/doctest.h>

#include "libs/api/codec/yaml.hpp"
#include "libs/base/planted.hpp"
#include "simulator/sweep/scenario_text.hpp"
#include "tests/support/sanitized.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// A pod that is deleted twice, among much that has nothing to do with it. Seventeen steps, ten faults.
const char* const kBig = R"(apiVersion: kubeloop.dev/v1
kind: Scenario
metadata: {name: big}
spec:
  cluster: {nodes: 3}
  templates:
    web: {apiVersion: v1, kind: Pod, spec: {containers: [{name: c, image: "web:1"}]}}
  faults:
  - {at: 1s, node: node-1, kind: stop, for: 5s}
  - {at: 1s, api: scheduler, kind: delay, by: 20ms, for: 5s}
  - {at: 2s, watch: controller-manager, kind: cut}
  - {at: 2s, watch: scheduler, kind: delay, by: 100ms, for: 5s}
  - {at: 3s, api: controller-manager, kind: conflict, rate: 0.3, for: 5s}
  - {at: 3s, component: scheduler, kind: freeze, for: 1s}
  - {at: 4s, disk: slow, by: 20ms, for: 5s}
  - {at: 4s, watch: kubelet-sim, kind: skip, by: 100ms, for: 5s}
  - {at: 5s, component: controller-manager, kind: kill, for: 1s}
  - {at: 6s, api: kubelet-sim, kind: server-error, rate: 0.1, for: 2s}
  steps:
  - wait: {objects: nodes, condition: Ready, count: 3, within: 60s}
  - wait: {object: serviceaccount/default/default, within: 60s}
  - barrier: {quiet: 500ms, within: 60s}
  - apply:
      inline:
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: first}, data: {a: b}}
      - apiVersion: v1
        kind: Pod
        metadata: {name: slow, finalizers: [example.com/hold]}
        spec: {terminationGracePeriodSeconds: 20, containers: [{name: c, image: "web:1"}]}
  - create: {template: web, name: "many-{i}", count: 4}
  - wait: {object: configmap/default/first, within: 60s}
  - wait: {object: pod/default/slow, condition: Ready, within: 60s}
  - sleep: 1s
  - wait: {object: pod/default/many-1, condition: Ready, within: 60s}
  - apply: {inline: {apiVersion: v1, kind: ConfigMap, metadata: {name: second}}}
  - sleep: 1s
  - delete: {object: pod/default/slow}
  - sleep: 1s
  - delete: {object: pod/default/slow, gracePeriodSeconds: 300}
  - delete: {object: configmap/default/second}
  - sleep: 1s
  - patch: {object: pod/default/slow, with: {metadata: {finalizers: null}}}
  - wait: {objects: pods, selector: app=none, count: 0, within: 60s}
)";

json document_of(const std::string& text) {
  auto documents = api::parse_yaml(text, "big.yaml");
  REQUIRE(documents.has_value());
  return documents->front().value;
}

TEST_CASE("of many steps and faults those are left that the failure needs") {
  if (kIsSanitized) {
    MESSAGE("left out under the sanitizers: it makes a hundred runs");
    return;
  }
  auto document = document_of(kBig);
  CHECK(document["spec"]["steps"].size() >= 15);
  CHECK(document["spec"]["faults"].size() == 10);
  auto scenario = parse_scenario("big.yaml", kBig);
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message);
  VirtualRunOptions run;
  run.detail = Detail::kSteps;
  auto well = run_in_virtual_time(*scenario, run);
  REQUIRE_MESSAGE(well.verdict == Verdict::kPassed, well.message);

  PlantedMistake planted("deletion-can-be-put-off");
  auto failed = run_in_virtual_time(*scenario, run);
  REQUIRE(failed.verdict == Verdict::kSafety);
  auto kind = kind_of(failed);
  CHECK(kind.checker == "identity-kept");
  ShrinkOptions options;
  std::size_t told = 0;
  options.progress = [&told](std::size_t runs, std::size_t, std::size_t) { told = runs; };
  auto shrunk = shrink(document, *scenario, run, failed, options);
  CHECK(shrunk.steps < 10);
  CHECK(shrunk.faults == 0);
  CHECK(shrunk.runs == told);
  CHECK(shrunk.runs <= options.most_runs);
  CHECK(kind_of(shrunk.report) == kind);
  CHECK(shrunk.document["spec"]["steps"].size() == shrunk.steps);
  MESSAGE(shrunk.steps << " steps in " << shrunk.runs << " runs");

  std::string text = scenario_text(shrunk.document, "Fails.");
  auto again = parse_scenario("shrunk.yaml", text);
  REQUIRE_MESSAGE(again.has_value(), again.error().message, "\n", text);
  VirtualRunOptions plain;
  plain.seed = again->seed;
  plain.shuffle_seed = again->shuffle_seed;
  auto repeated = run_in_virtual_time(*again, plain);
  CHECK_MESSAGE(kind_of(repeated) == kind, text);
  CHECK(repeated.message == shrunk.report.message);
}

TEST_CASE("drawn faults are written out, and their run is the same") {
  auto scenario = parse_scenario("big.yaml", kBig);
  REQUIRE(scenario.has_value());
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    VirtualRunOptions run;
    run.seed = seed;
    run.shuffle_seed = seed;
    run.draws_faults = true;
    auto written = self_contained(document_of(kBig), *scenario, run);
    auto read = parse_scenario("written.yaml", scenario_text(written, ""));
    REQUIRE_MESSAGE(read.has_value(), read.error().message);
    CHECK(read->seed == seed);
    CHECK(read->shuffle_seed == seed);
    auto plan = planned_faults(*scenario, run);
    REQUIRE(read->faults.size() == plan.size());
    for (std::size_t i = 0; i < plan.size(); ++i) {
      CHECK(describe(read->faults[i].fault) == describe(plan[i].fault));
      CHECK(read->faults[i].at == plan[i].at);
      CHECK(read->faults[i].fault.permille == plan[i].fault.permille);
    }
    VirtualRunOptions plain;
    plain.seed = seed;
    plain.shuffle_seed = seed;
    auto drawn = run_in_virtual_time(*scenario, run);
    CHECK(drawn.history == run_in_virtual_time(*scenario, run).history);
    CHECK_MESSAGE(drawn.history == run_in_virtual_time(*read, plain).history, "seed ", seed);
  }
}

TEST_CASE("no more runs than are allowed, and then the best so far") {
  auto scenario = parse_scenario("big.yaml", kBig);
  REQUIRE(scenario.has_value());
  PlantedMistake planted("deletion-can-be-put-off");
  VirtualRunOptions run;
  auto failed = run_in_virtual_time(*scenario, run);
  ShrinkOptions options;
  options.most_runs = 5;
  auto shrunk = shrink(document_of(kBig), *scenario, run, failed, options);
  CHECK(shrunk.runs == 5);
  CHECK(kind_of(shrunk.report) == kind_of(failed));
}

}  // namespace
}  // namespace kubeloop::simulator
