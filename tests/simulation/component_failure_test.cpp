// A component that ends by itself: an exception in one of its inner tasks is an error in our own code, so the whole run
// fails and says where; a lost lease is what happens to a component whose hub is away for too long, and is told when a
// step fails because of it.
#include <doctest/doctest.h>

#include "simulator/run/run_scenario.hpp"

namespace kubeloop::simulator {
namespace {

Scenario scenario_of(const std::string& steps) {
  std::string text =
      "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: failure}\nspec:\n  cluster: {nodes: 1}\n  steps:\n"
      "  - wait: {object: node/node-1, condition: Ready, within: 30s}\n"
      "  - wait: {object: serviceaccount/default/default, within: 30s}\n" +
      steps;
  auto scenario = parse_scenario("failure.yaml", text);
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message);
  return *scenario;
}

const std::string kPod =
    "  - apply: {inline: {apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: c, image: "
    "\"nginx:1.27\"}]}}}\n";
const std::string kPodIsReady = "  - wait: {object: pod/default/web, condition: Ready, within: 60s}\n";

RunReport run(const std::string& steps, const std::string& throws_at = "") {
  VirtualRunOptions options;
  options.throws_at = throws_at;
  return run_in_virtual_time(scenario_of(steps), options);
}

TEST_CASE("an exception in an inner task of a component fails the run") {
  struct {
    std::string place, message;
  } cases[] = {
      {"scheduler/before-bind", "scheduler failed: task bind failed: told to fail at before-bind"},
      {"scheduler/before-renew", "scheduler failed: task leader election failed: told to fail at before-renew"},
      {"controller-manager/before-renew",
       "controller-manager failed: task leader election failed: told to fail at before-renew"},
      {"kubelet-sim/before-status-patch",
       "kubelet-sim failed: task pod default/web failed: told to fail at before-status-patch"},
  };
  for (const auto& c : cases) {
    auto report = run(kPod + kPodIsReady + "  - sleep: 10s\n", c.place);
    CHECK(report.verdict == Verdict::kError);
    CHECK_MESSAGE(report.message == c.message, report.message);
  }
  CHECK(run(kPod + kPodIsReady).verdict == Verdict::kPassed);
}

const std::string kHubAway = "  - component: {kill: apiserver}\n  - sleep: 30s\n  - component: {start: apiserver}\n";

TEST_CASE("a hub that is away for longer than the renew deadline takes the leaders with it") {
  auto report = run(kHubAway + kPod + kPodIsReady);
  CHECK(report.verdict == Verdict::kTimeout);
  std::string expected = "(ended by itself: controller-manager: leaderelection lost, scheduler: leaderelection lost)";
  CHECK_MESSAGE(report.message.find(expected) != std::string::npos, report.message);

  std::string restarts = "  - component: {start: scheduler}\n  - component: {start: controller-manager}\n";
  report = run(kHubAway + restarts + kPod + kPodIsReady);
  CHECK_MESSAGE(report.verdict == Verdict::kPassed, report.message);
}

TEST_CASE("a hub that is back in time keeps its leaders") {
  auto report = run("  - component: {kill: apiserver}\n  - sleep: 6s\n  - component: {start: apiserver}\n" + kPod +
                    kPodIsReady + "  - sleep: 30s\n");
  CHECK_MESSAGE(report.verdict == Verdict::kPassed, report.message);
}

}  // namespace
}  // namespace kubeloop::simulator
