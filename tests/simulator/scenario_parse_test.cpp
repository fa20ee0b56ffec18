// The scenario language: what is accepted, and the exact place and text of each refusal.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kHead = "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n";

std::string error_of(const std::string& text) {
  auto scenario = parse_scenario("dir/x.yaml", text);
  return scenario ? "" : scenario.error().message;
}

// A scenario whose only step is that text.
std::string error_of_step(const std::string& step) {
  return error_of(kHead + "  steps:\n  - " + step + "\n");
}

TEST_CASE("every key of the language is read") {
  auto scenario = parse_scenario("x.yaml", R"(
apiVersion: kubeloop.dev/v1
kind: Scenario
metadata: {name: all, description: everything}
spec:
  seed: 9
  times: [virtual]
  cluster: {nodes: 5, realTimings: {node-monitor-period: 500ms}}
  steps:
  - apply: {inline: {apiVersion: v1, kind: Pod, metadata: {name: a}}}
  - wait: {object: pod/default/a, condition: Ready, within: 1m30s}
  - wait: {object: pod/default/a, event: {reason: Started, message: x, count: 2}, within: 1s}
  - node: {stop: node-1}
  - node: {start: node-1}
  - component: {kill: scheduler, at: before-bind}
  - component: {start: scheduler}
  - sleep: 500ms
  - delete: {object: pod/default/a, gracePeriodSeconds: 3}
  - barrier: {quiet: 2s, within: 60s}
  - assert: {object: node/node-1, matches: {spec: {unschedulable: null}}}
  - assert: {object: pod/default/a, absent: true}
  - wait: {objects: pods, namespace: team, selector: 'app=web,tier in (a,b)', count: 3, condition: Ready, within: 1s}
  - delete: {object: deployment/default/web, propagationPolicy: Foreground}
  - patch: {object: deployment/default/web, with: {spec: {paused: true}}}
  - scale: {object: deployment/web, replicas: 0}
  - undo: {object: deployment/default/web, toRevision: 2}
  - drain: {node: node-1, within: 10s, blocked: true}
)");
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message);
CHECK(scenario->name == "all");
CHECK(scenario->seed == 9);
CHECK_FALSE(scenario->runs_in_real_time);
CHECK(scenario->nodes == 5);
REQUIRE(scenario->real_timings.size() == 1);
CHECK(scenario->real_timings[0].value == 500ms);
REQUIRE(scenario->steps.size() == 18);
CHECK(scenario->steps[0].text == "apply Pod a");
CHECK(scenario->steps[1].text == "wait until pod/default/a is Ready, within 1m30s");
CHECK(scenario->steps[0].line == 10);
CHECK(std::get<Expectation>(std::get<WaitStep>(scenario->steps[2].action).expected.what).event_count == 2);
CHECK(std::get<ComponentStep>(scenario->steps[5].action).place == "before-bind");
CHECK(std::get<DeleteStep>(scenario->steps[8].action).grace_period_seconds == 3);
CHECK(std::get<DeleteStep>(scenario->steps[8].action).propagation_policy == "Background");
CHECK(scenario->steps[12].text == "wait until 3 pods in team with app=web,tier in (a,b) are Ready, within 1s");
CHECK(std::get<Expectation>(std::get<WaitStep>(scenario->steps[12].action).expected.what).count == 3);
CHECK(std::get<DeleteStep>(scenario->steps[13].action).propagation_policy == "Foreground");
CHECK(std::get<PatchStep>(scenario->steps[14].action).with["spec"]["paused"] == true);
CHECK(std::get<ScaleStep>(scenario->steps[15].action).replicas == 0);
CHECK(std::get<UndoStep>(scenario->steps[16].action).to_revision == 2);
CHECK(std::get<DrainStep>(scenario->steps[17].action).is_to_be_blocked);
CHECK(std::get<BarrierStep>(scenario->steps[9].action).quiet == 2s);
CHECK(std::get<Expectation>(std::get<AssertStep>(scenario->steps[11].action).expected.what).is_absent);
}

TEST_CASE("a refusal names file, line and column") {
  CHECK(error_of(kHead + "  stepz: []\n").starts_with("dir/x.yaml:"));
  CHECK(error_of_step("wait: {object: pod/default/a, condition: Ready}") ==
        "dir/x.yaml:6:11: a wait step needs \"within\" (KL102)");
  CHECK(error_of_step("sleep: soon") ==
        "dir/x.yaml:6:12: sleep must be a duration like 500ms, 10s or 1m30s, it is \"soon\" (KL104)");
  CHECK(error_of_step("boil: egg").starts_with("dir/x.yaml:6:5: unknown step \"boil\" (KL108): the steps are "));
  CHECK(error_of_step("wait: {object: pod/default/a, conditon: Ready, within: 1s}") ==
        "dir/x.yaml:6:35: unknown key \"conditon\" in a wait step (KL101): did you mean \"condition\"?");
  CHECK(error_of_step("wait: {object: pod, within: 1s}").starts_with("dir/x.yaml:6:20: \"pod\" is no object"));
  CHECK(error_of_step("component: {kill: etcd}").find("\"etcd\" is no component") != std::string::npos);
  CHECK(error_of_step("component: {kill: scheduler, at: lunch}").find("\"lunch\" is no place to kill scheduler at") !=
        std::string::npos);
}

TEST_CASE("unknown keys, wrong types and missing parts are refused") {
  CHECK(error_of_step("wait: {object: pod/a/b, within: 1s, until: x}").find("unknown key \"until\" in a wait step") !=
        std::string::npos);
  CHECK(error_of_step("wait: {object: pod/a/b, within: 5}").find("must be a duration") != std::string::npos);
  CHECK(error_of_step("assert: {object: pod/a/b, matches: 7}").find("\"matches\" must be a mapping") !=
        std::string::npos);
  CHECK(error_of_step("assert: {object: pod/a/b, absent: true, condition: Ready}").find("\"absent\" stands alone") !=
        std::string::npos);
  CHECK(error_of_step("node: {stop: a, start: b}").find("needs either \"start\" or \"stop\"") != std::string::npos);
  CHECK(error_of_step("apply: {file: missing.yaml}").find("missing.yaml: no such file") != std::string::npos);
  CHECK(error_of_step("apply: {inline: {kind: Pod}}").find("needs apiVersion, kind and metadata.name") !=
        std::string::npos);
  CHECK(error_of("") == "dir/x.yaml:1:1: the file is empty (KL002)");
  CHECK(error_of("a: [1, 2\n").starts_with("dir/x.yaml:"));
  CHECK(error_of("apiVersion: v1\nkind: Scenario\nmetadata: {name: x}\nspec: {}\n")
            .find("apiVersion must be kubeloop.dev/v1") !=
        std::string::npos);
  CHECK(error_of(kHead + "  cluster: {nodes: many}\n  steps: [{sleep: 1s}]\n").find("whole number") !=
        std::string::npos);
  CHECK(error_of(kHead + "  times: [imaginary]\n  steps: [{sleep: 1s}]\n").find("list of real and virtual") !=
        std::string::npos);
  CHECK(error_of(kHead + "  steps: []\n").find("at least one step") != std::string::npos);
  CHECK(error_of(kHead + "  steps: [7]\n").find("a step is one key") != std::string::npos);
}

TEST_CASE("steps that count, patch, scale, undo, drain say what they lack") {
  CHECK(error_of_step("wait: {objects: pods, within: 1s}").find("\"objects\" needs \"count\"") != std::string::npos);
  CHECK(error_of_step("wait: {objects: pods, count: -1, within: 1s}").find("must not be negative") !=
        std::string::npos);
  CHECK(error_of_step("assert: {objects: pods, count: 1, selector: \"a in (\"}").find("dir/x.yaml:6:") == 0);
  CHECK(error_of_step("assert: {objects: pods, count: 1, absent: true}").find("unknown key \"absent\"") !=
        std::string::npos);
  CHECK(error_of_step("delete: {object: pod/a/b, propagationPolicy: Sideways}").find("it is \"Sideways\"") !=
        std::string::npos);
  CHECK(error_of_step("patch: {object: pod/a/b}").find("needs \"with\"") != std::string::npos);
  CHECK(error_of_step("scale: {object: rs/a/b}").find("needs \"replicas\"") != std::string::npos);
  CHECK(error_of_step("drain: {node: node-1}").find("a drain step needs \"within\"") != std::string::npos);
  CHECK(error_of_step("undo: {object: deployment/a/b, toRevision: -1}").find("must be 0 or more") !=
        std::string::npos);
}

TEST_CASE("every scenario that comes with kubeloop can be read") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(KUBELOOP_SOURCE_DIR) + "/scenarios")) {
    std::string text = entry.path().string();
    if (!text.ends_with(".yaml") || text.ends_with("/web.yaml")) continue;  // web.yaml is a manifest
    auto scenario = load_scenario(text);
    CHECK_MESSAGE(scenario.has_value(), text, ": ", scenario ? "" : scenario.error().message);
    if (scenario) CHECK(entry.path().stem() == scenario->name);
    ++count;
  }
  CHECK(count >= 12);
}

TEST_CASE("no mutation of a scenario crashes the parser") {
  std::ifstream in(std::string(KUBELOOP_SOURCE_DIR) + "/scenarios/pod-pending.yaml");
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  REQUIRE(text.size() > 500);
  std::string path = std::string(KUBELOOP_SOURCE_DIR) + "/scenarios/x.yaml";
  REQUIRE(parse_scenario(path, text).has_value());
  int refused = 0;
  for (std::size_t cut = 0; cut < text.size(); cut += 7) {
    refused += parse_scenario(path, text.substr(0, cut)) ? 0 : 1;
    std::string changed = text;
    changed[cut] = "{[\"':-x\n"[cut % 8];
    refused += parse_scenario(path, changed) ? 0 : 1;
  }
  CHECK(refused > 100);
}

TEST_CASE("durations") {
  CHECK(parse_duration("1h2m3s") == 3723s);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("250us") == 250us);
  CHECK(parse_duration("0") == 0s);
  for (const char* bad : {"", "5", "s", "1x", "-1s", "1..5s", "1 s", "99999999999h"}) CHECK_FALSE(parse_duration(bad));
  CHECK(format_duration(90s) == "1m30s");
  CHECK(format_duration(500ms) == "500ms");
  CHECK(format_duration(3600s) == "1h");
}

}  // namespace
}  // namespace kubeloop::simulator
