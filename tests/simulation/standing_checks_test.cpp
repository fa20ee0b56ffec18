// always, never, eventually and sustained see every state, not samples: what is wrong for one revision only is found,
// at that revision; what is broken once does not count as sustained. And the same seed tells the same.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "simulator/run/run_scenario.hpp"
#include "tests/simulation/seed_count.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kHead = R"(
apiVersion: kubeloop.dev/v1
kind: Scenario
metadata: {name: standing}
spec:
  times: [virtual]
  cluster: {nodes: 2}
)";

const std::string kReplicaSet = R"(
  steps:
  - wait: {objects: nodes, condition: Ready, count: 2, within: 60s}
  - wait: {object: serviceaccount/default/default, within: 60s}
  - apply:
      inline:
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata: {name: web}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: nginx, image: "nginx:1.27"}]}
  - wait: {objects: pods, selector: app=web, count: 3, condition: Ready, within: 60s}
)";

Scenario scenario_of(const std::string& steps, const std::string& before = kReplicaSet) {
  auto scenario = parse_scenario("standing.yaml", kHead + before + steps);
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message);
  return *scenario;
}

RunReport run(const Scenario& scenario, std::uint64_t seed = 1, std::optional<std::uint64_t> shuffle = std::nullopt) {
  VirtualRunOptions options;
  options.seed = seed;
  options.shuffle_seed = shuffle;
  return run_in_virtual_time(scenario, options);
}

// The replica set wants none for one revision only: the next write, at once, takes it back.
const std::string kFlap = R"(
  - scale: {object: replicaset/default/web, replicas: 0}
  - scale: {object: replicaset/default/web, replicas: 3}
  - sleep: 30s
)";

TEST_CASE("a violation that lasts one revision is found, whatever the interleaving") {
  auto scenario =
      scenario_of("  - always: {object: replicaset/default/web, matches: {spec: {replicas: {$gte: 1}}}}" + kFlap);
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    auto report = run(scenario, seed, seed % 2 == 0 ? std::optional(seed) : std::nullopt);
    CHECK(report.verdict == Verdict::kAssertion);
    CHECK_MESSAGE(
        report.message.find("replicaset/default/web: spec.replicas is 0, expected at least 1") != std::string::npos,
        report.message);
    CHECK(report.message.find("violated at revision ") != std::string::npos);
    CHECK(report.message.find(": from now on always: replicaset/default/web has spec.replicas at least 1: ") !=
          std::string::npos);
    CHECK(report.steps.back().verdict != Verdict::kTimeout);
    CHECK_FALSE(report.unrun.empty());  // the sleep was ended by it, or was not begun
  }
}

TEST_CASE("never, the other way round") {
  auto scenario = scenario_of(
      "  - never: {object: replicaset/default/web, matches: {spec: {replicas: 0}}, say: Keep it up}" + kFlap);
  auto report = run(scenario);
  CHECK(report.verdict == Verdict::kAssertion);
  CHECK_MESSAGE(report.message.find("Keep it up: violated at revision ") != std::string::npos, report.message);
  CHECK(report.message.find("replicaset/default/web has spec.replicas=0") != std::string::npos);
  auto quiet =
      scenario_of("  - never: {object: replicaset/default/web, matches: {spec: {replicas: 0}}}\n  - sleep: 30s\n");
  CHECK(run(quiet).verdict == Verdict::kPassed);
}

TEST_CASE("a check that does not hold when it begins fails at its own step") {
  auto scenario = scenario_of("  - always: {objects: pods, selector: app=web, count: 4}\n  - sleep: 10s\n");
  auto report = run(scenario);
  CHECK(report.verdict == Verdict::kAssertion);
  CHECK_MESSAGE(report.message.find("violated when it began: 3 pods are so, of 3, expected 4") != std::string::npos,
                report.message);
}

TEST_CASE("a span with an end is waited for, and what comes after it does not count") {
  auto scenario = scenario_of(
      "  - always: {object: replicaset/default/web, matches: {spec: {replicas: 3}}, for: 20s}\n  - sleep: 25s\n" +
      kFlap);
  CHECK(run(scenario).verdict == Verdict::kPassed);
  auto waits = scenario_of("  - always: {objects: pods, selector: app=web, count: 3, for: 40s}\n");
  auto report = run(waits);
  CHECK(report.verdict == Verdict::kPassed);
}

TEST_CASE("eventually holds at some moment, or did not come true") {
  auto scenario =
      scenario_of("  - eventually: {object: replicaset/default/web, matches: {spec: {replicas: 0}}}" + kFlap);
  CHECK(run(scenario).message == "");
  CHECK(run(scenario).verdict == Verdict::kPassed);
  auto report = run(scenario_of("  - eventually: {objects: pods, selector: app=web, count: 9}\n  - sleep: 1s\n"));
  CHECK(report.verdict == Verdict::kAssertion);
  CHECK_MESSAGE(
      report.message.find("did not come true before the end: 3 pods are so, of 3, expected 9") != std::string::npos,
      report.message);
}

TEST_CASE("sustained starts anew when it is broken once") {
  auto breaks = [](const std::string& within) {
    return scenario_of(
        "  - apply: {inline: {apiVersion: v1, kind: Pod, metadata: {name: late, annotations: "
        "{kubeloop.dev/run: 20s}}, spec: {restartPolicy: Never, containers: [{name: c, image: 'busybox:1.36'}]}}}\n"
        "  - wait: {object: pod/default/late, condition: Ready, within: 60s}\n"
        "  - sustained: {objects: pods, selector: app=web, count: {$gte: 3}, condition: Ready, for: 30s, within: 60s}\n"
        "  - sustained: {object: pod/default/late, matches: {status: {phase: Running}}, for: 30s, within: " +
        within + "}\n");
  };
  auto report = run(breaks("60s"));
  CHECK(report.verdict == Verdict::kTimeout);
  CHECK_MESSAGE(report.message.find("not for 30s on end within 1m: pod/default/late: status.phase is \"Succeeded\"") !=
                    std::string::npos,
                report.message);
}

TEST_CASE("checks at the end: all of them, with their points") {
  const std::string checks = R"(
  checks:
  - {name: three-pods, points: 3, objects: pods, selector: app=web, count: 3, condition: Ready}
  - {name: a-service, points: 2, say: Expose it, reachable: {service: default/web}}
  - {name: stays, sustained: 5s, objects: pods, selector: app=web, count: 3}
  - name: order
    order:
    - {object: replicaset/default/web, created: true}
    - {object: replicaset/default/web, matches: {status: {readyReplicas: 3}}}
  - {name: writes, writes: {by: controller-manager/replicaset, resource: pods, count: 3}}
  - {name: fast, latency: {from: created, to: ready, of: {selector: app=web}, max: 30s}}
)";
  auto report = run(scenario_of("", checks + kReplicaSet));
  REQUIRE(report.checks.size() == 6);
  CHECK(report.verdict == Verdict::kAssertion);
  CHECK(report.message == "check a-service: Expose it: Service default/web does not exist");
  for (const auto& check : report.checks) {
    CHECK_MESSAGE(check.is_passed() == (check.name != "a-service"), check.name, ": ", check.problem);
  }
  std::string text = to_text(report);
  CHECK(text.find("FAIL a-service: Expose it: Service default/web does not exist [0 of 2 points]") !=
        std::string::npos);
  CHECK(text.find("5 of 6 checks hold, 3 of 5 points") != std::string::npos);
}

TEST_CASE("a hub that dies and comes back hides nothing") {
  const std::string restart = R"(
  - component: {kill: apiserver}
  - sleep: 3s
  - component: {start: apiserver}
  - wait: {objects: nodes, condition: Ready, count: 2, within: 60s}
)";
  auto scenario = scenario_of(
      "  - always: {object: replicaset/default/web, matches: {spec: {replicas: {$gte: 1}}}}\n"
      "  - never: {objects: pods, selector: app=web, count: {$gt: 3}}\n" +
      restart);
  auto broken = scenario;
  for (const auto& step : scenario_of(kFlap).steps) {
    if (std::holds_alternative<ScaleStep>(step.action)) broken.steps.push_back(step);
  }
  broken.steps.push_back(scenario_of("  - sleep: 30s\n").steps.back());
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    auto report = run(scenario, seed, seed);
    CHECK_MESSAGE(report.verdict == Verdict::kPassed, report.message);
    report = run(broken, seed, seed);
    CHECK_MESSAGE(report.message.find("spec.replicas is 0, expected at least 1") != std::string::npos, report.message);
  }
}

TEST_CASE("the same seed tells the same, also of what is found in the background") {
  auto scenario =
      scenario_of("  - always: {object: replicaset/default/web, matches: {spec: {replicas: {$gte: 1}}}}" + kFlap);
  auto calm = scenario_of(
      "  - always: {noDowntime: {selector: app=web, minReady: 1}}\n  - never: {events: {reason: FailedScheduling}}\n"
      "  - scale: {object: replicaset/default/web, replicas: 1}\n  - scale: {object: replicaset/default/web, replicas: "
      "5}\n"
      "  - sleep: 60s\n");
  for (const auto* one : {&scenario, &calm}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      auto first = run(*one, seed, seed), second = run(*one, seed, seed);
      CHECK(to_json_text({first}) == to_json_text({second}));
      if (one == &calm) CHECK_MESSAGE(first.verdict == Verdict::kPassed, first.message);
    }
  }
}

}  // namespace
}  // namespace kubeloop::simulator
