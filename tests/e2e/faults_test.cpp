// Faults and sweeps as the command line has them, and the faults that real processes can suffer.
#include <doctest/doctest.h>

#include <regex>

#include "tests/e2e/cluster_fixture.hpp"

namespace kubeloop::tests {
namespace {

std::string scenario_file(const Home& home, const std::string& spec) {
  std::string path = home.file("x.yaml");
  write_text(path, "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n" + spec);
  return path;
}

std::string source(const std::string& path) {
  return std::string(KUBELOOP_SOURCE_DIR) + "/" + path;
}

const std::string kReady = R"(  cluster: {nodes: 2}
  steps:
  - wait: {objects: nodes, condition: Ready, count: 2, within: 60s}
  - wait: {object: serviceaccount/default/default, within: 60s}
)";

TEST_CASE("a sweep that passes tells its sums") {
  Home home;
  auto result = home.kubeloop({"run", scenario_file(home, kReady), "--time", "virtual", "--seeds", "3", "--faults"});
  CHECK_MESSAGE(result.code == 0, result.all());
  CHECK_MESSAGE(contains(result.out,
                         "3 runs: 3 passed, 0 failed; [0-9.]+ virtual hours, [1-9][0-9]* faults, "
                         "[0-9]+ turns, [0-9]+ s of CPU"),
                result.all());
}

// The command that the output names, as a shell would take it.
CommandResult run_again(const Home& home, const std::string& output) {
  std::smatch found;
  REQUIRE_MESSAGE(std::regex_search(output, found, std::regex("again: kubeloop (run [^\n]*)")), output);
  return run_command({"sh", "-c", program("kubeloop") + " " + found[1].str()}, home.environment(), "", 90);
}

TEST_CASE("a failing sweep names seed, causes and the command that fails again in the same way") {
  Home home;
  auto result = home.kubeloop({"run", source("tests/simulation/scenarios/second-delete.yaml"), "--time", "virtual",
                               "--seeds", "2", "--plant", "deletion-can-be-put-off"});
  CHECK_MESSAGE(result.code == 8, result.all());
  CHECK_MESSAGE(contains(result.out, "FAIL second-delete, seed 1: [^\n]*identity-kept"), result.all());
  CHECK_MESSAGE(contains(result.out, "\n +[0-9.]+s [^ ]+ [a-z]+ pods/default/web -> rev [0-9]+"), result.all());
  CHECK(contains(result.out, "likewise with 1 more: seeds 2"));
  CHECK(contains(result.out, "2 runs: 0 passed, 2 failed"));
  auto again = run_again(home, result.out);
  CHECK_MESSAGE(again.code == 8, again.all());
  CHECK(contains(again.out, "identity-kept"));
}

TEST_CASE("a failing run under faults is repeated by its command") {
  Home home;
  auto path = scenario_file(home, kReady + "  - wait: {objects: nodes, count: 7, within: 1s}\n");
  auto result =
      home.kubeloop({"run", path, "--time", "virtual", "--seeds", "1", "--shuffle", "1", "--fault-areas", "node,disk"});
  CHECK_MESSAGE(result.code == 9, result.all());
  CHECK(contains(result.out, "FAIL x, seed 1: "));
  auto again = run_again(home, result.out);
  CHECK_MESSAGE(again.code == 9, again.all());
}

TEST_CASE("a failing run is made smaller, and its file fails in the same way") {
  Home home;
  std::string small = home.file("small.yaml");
  auto result = home.kubeloop({"run", source("tests/simulation/scenarios/second-delete.yaml"), "--time", "virtual",
                               "--plant", "deletion-can-be-put-off", "--shrink", small},
                              240);
  CHECK_MESSAGE(result.code == 8, result.all());
  CHECK_MESSAGE(contains(result.out, "shrunk to [1-9] steps and 0 faults in [0-9]+ runs: "), result.all());
  std::string text = read_text(small);
  CHECK_MESSAGE(contains(text, "^# Fails: "), text);
  CHECK_MESSAGE(text.find("absent: true") == std::string::npos, text);
  auto again = run_again(home, result.out.substr(result.out.find("shrunk to")));
  CHECK_MESSAGE(again.code == 8, again.all());
}

TEST_CASE("a seed that gives another history the second time is exit code 6, in a run, a sweep and what is shrunk") {
  Home home;
  std::string small = home.file("small.yaml");
  std::vector<std::string> command = {"run",     source("tests/simulation/scenarios/rollout.yaml"),
                                      "--time",  "virtual",
                                      "--plant", "names-outlive-the-hub"};
  CHECK(home.kubeloop(command).code == 0);  // once, it is not seen
  command.emplace_back("--twice");
  auto result = home.kubeloop(command);
  CHECK_MESSAGE(result.code == 6, result.all());
  CHECK_MESSAGE(contains(result.out, "the same seed gave another history"), result.all());
  command.insert(command.end(), {"--seeds", "2", "--shrink", small});
  auto sweep = home.kubeloop(command, 240);
  CHECK_MESSAGE(sweep.code == 6, sweep.all());
  auto again = run_again(home, sweep.out);
  CHECK_MESSAGE(again.code == 6, again.all());
  CHECK_MESSAGE(contains(sweep.out, "shrunk to [1-9] steps"), sweep.all());
  auto shrunk = run_again(home, sweep.out.substr(sweep.out.find("shrunk to")));
  CHECK_MESSAGE(shrunk.code == 6, shrunk.all());
}

TEST_CASE("a run that is shown as it goes shows what happens, and ends") {
  Home home;
  auto path = scenario_file(home, kReady + "  - sleep: 20s\n");
  auto fast = home.kubeloop({"run", path, "--time", "virtual", "--speed", "1000x"});
  CHECK_MESSAGE(fast.code == 0, fast.all());
  CHECK_MESSAGE(contains(fast.out, "== sleep 20s"), fast.out);
  CHECK_MESSAGE(contains(fast.out, "\n +[0-9]+\\.[0-9]{3}s  [^\n]*nodes/node-1"), fast.out);
  // Nobody can press a key: it goes on by itself.
  auto paused = home.kubeloop({"run", path, "--time", "virtual", "--pause"});
  CHECK_MESSAGE(paused.code == 0, paused.all());
  auto wrong = home.kubeloop({"run", path, "--time", "virtual", "--speed", "fast"});
  CHECK_MESSAGE(wrong.code == 2, wrong.all());
}

TEST_CASE("real processes freeze, die and fall silent, and come back") {
  Home home;
  const std::string pod =
      "  - apply: {inline: {apiVersion: v1, kind: Pod, metadata: {name: NAME}, spec: {containers: [{name: c, image: "
      "\"web:1\"}]}}}\n  - wait: {object: pod/default/NAME, condition: Ready, within: 60s}\n";
  auto pod_of = [&pod](const std::string& name) { return std::regex_replace(pod, std::regex("NAME"), name); };
  auto path = scenario_file(home, "  times: [real]\n" + kReady + R"(
  - fault: {component: scheduler, kind: freeze, for: 2s}
)" + pod_of("frozen") + R"(
  - fault: {node: node-1, kind: stop, for: 3s}
)" + pod_of("silent") + R"(
  - fault: {component: controller-manager, kind: kill, for: 300s}
  - fault: {component: kubelet-sim, kind: kill, for: 1s}
  - fault: {component: apiserver, kind: freeze, for: 1s}
  - heal: {within: 60s}
  - delete: {object: pod/default/frozen}
  - wait: {object: pod/default/frozen, absent: true, within: 60s}
  - apply: {inline: {apiVersion: v1, kind: Namespace, metadata: {name: late}}}
  - wait: {object: serviceaccount/late/default, within: 60s}
)" + pod_of("last"));
  auto result = home.kubeloop({"run", path, "--time", "real"}, 240);
  CHECK_MESSAGE(result.code == 0, result.all());
  auto impossible = home.kubeloop({"run", scenario_file(home, "  steps: [{fault: {disk: full}}]\n"), "--time", "real"});
  CHECK_MESSAGE(impossible.code == 2, impossible.all());
}

}  // namespace
}  // namespace kubeloop::tests
