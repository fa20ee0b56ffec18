// The parts of the scenario language that only real processes have: exec, pools of nodes and flags of daemons, and many
// files in one command.
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/e2e/cluster_fixture.hpp"

namespace kubeloop::tests {
namespace {

const std::string kHead =
    "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: NAME, labels: {suite: SUITE}}\nspec:\n";

// Writes NAME.yaml with that spec into the home.
std::string write_scenario(const Home& home, const std::string& name, const std::string& spec,
                           const std::string& suite = "none") {
  std::string text = kHead + spec;
  text.replace(text.find("NAME"), 4, name);
  text.replace(text.find("SUITE"), 5, suite);
  std::string path = home.file(name + ".yaml");
  write_text(path, text);
  return path;
}

const std::string kNoNodes = "  cluster: {nodes: 0}\n";

TEST_CASE("a program gets a kubeconfig and a folder of its own, and they are gone afterwards") {
  Home home;
  auto path = write_scenario(home, "x", kNoNodes + R"(  steps:
  - exec:
      command: [sh, -c, 'stat -c %a $KUBECONFIG; pwd; echo note > kept; grep -c current-context $KUBECONFIG']
      within: 30s
      stdout: {matches: "^600\n/.*/work\n1"}
  - exec: {command: [cat, kept], within: 30s, stdout: {equals: note}}
  - exec:
      command: [sh, -c, 'cat; echo no >&2; exit 7']
      stdin: yes-please
      within: 30s
      exitCode: 7
      stdout: {equals: yes-please}
      stderr: {contains: "no"}
  - exec: {command: [sh, -c, 'dirname $KUBECONFIG > FOLDER'], within: 30s}
)");
  std::string text = read_text(path);
  text.replace(text.find("FOLDER"), 6, home.file("folder"));
  write_text(path, text);
  auto result = home.kubeloop({"run", path});
  CHECK_MESSAGE(result.code == 0, result.all());
  std::string folder = read_text(home.file("folder"));
  REQUIRE(folder.size() > 1);
  CHECK_FALSE(std::filesystem::exists(folder.substr(0, folder.size() - 1)));
}

TEST_CASE("a program that is wrong, missing or too slow") {
  Home home;
  auto run = [&](const std::string& step) {
    return home.kubeloop({"run", write_scenario(home, "x", kNoNodes + "  steps:\n  - exec: " + step + "\n")});
  };
  auto wrong = run("{command: [sh, -c, 'echo out; echo err >&2; exit 3'], within: 30s}");
  CHECK(wrong.code == 4);
  CHECK_MESSAGE(contains(wrong.out, "exit code 3, expected 0\nstdout: out\nstderr: err"), wrong.all());
  auto other = run("{command: [echo, red], within: 30s, stdout: {contains: blue}}");
  CHECK(other.code == 4);
  CHECK_MESSAGE(contains(other.out, "stdout does not contain \"blue\"\nstdout: red"), other.all());
  auto missing = run("{command: [no-such-program], within: 30s}");
  CHECK(missing.code == 1);
  CHECK(contains(missing.out, "cannot start no-such-program: No such file or directory"));
  // What it has started goes with it.
  auto slow = run("{command: [sh, -c, 'sleep 1000 & echo $!; wait'], within: 300ms}");
  CHECK(slow.code == 5);
  CHECK_MESSAGE(contains(slow.out, "not done within 300ms\nstdout: [0-9]+"), slow.all());
  std::string pid = slow.out.substr(slow.out.find("stdout: ") + 8);
  pid = pid.substr(0, pid.find_first_not_of("0123456789"));
  CHECK_FALSE(contains(read_text("/proc/" + pid + "/stat"), "\\) [^ZX] "));
}

TEST_CASE("pools, flags and what is off are those of the daemons, also after a restart") {
  Home home;
  auto path = write_scenario(home, "x", R"(  times: [real]
  cluster:
    nodePools: [{name: a, count: 2, zones: [east, west], capacity: {example.com/gpu: 3}}]
    behaviours: [{image: "web:*", run: 1s exit 4}]
    components:
      scheduler: off
      controller-manager: {flags: {node-monitor-period: 700ms}}
  steps:
  - wait: {objects: nodes, condition: Ready, count: 2, within: 60s}
  - wait: {object: serviceaccount/default/default, within: 60s}
  - create:
      object: {apiVersion: v1, kind: Pod, spec: {restartPolicy: Never, containers: [{name: c, image: "web:1"}]}}
      name: web
  - sleep: 1s
  - assert: {object: pod/default/web, matches: {spec: {nodeName: null}}}
  - component: {start: scheduler}
  - wait: {object: pod/default/web, matches: {status: {phase: Failed}}, within: 60s}
  - component: {kill: kubelet-sim}
  - delete: {object: node/a-2}
  - component: {start: kubelet-sim}
  - wait: {object: node/a-2, condition: Ready, within: 60s}
  - assert:
      object: node/a-2
      matches:
        metadata: {labels: {topology.kubernetes.io/zone: west}}
        status: {capacity: {example.com/gpu: "3"}}
)");
  auto result = home.kubeloop({"run", path, "--keep"});
  CHECK_MESSAGE(result.code == 0, result.all());
  std::string cluster;
  for (const auto& entry : std::filesystem::directory_iterator(home.file("state"))) {
    cluster = entry.path().filename().string();
  }
  REQUIRE(!cluster.empty());
  auto record = nlohmann::json::parse(read_text(home.file("state/" + cluster + "/cluster.json")));
  CHECK(record["hasMachines"] == true);
  CHECK(record["nodes"] == 2);
  CHECK(record["flags"]["controller-manager"][0] == "--node-monitor-period=700ms");
  CHECK(record["off"].empty());  // it was started
  auto other = home.kubeloop({"run",
                              write_scenario(home, "other",
                                             "  times: [real]\n  cluster: {nodePools: [{name: b, count: 9}]}\n  steps: "
                                             "[{assert: {objects: nodes, count: 2}}]\n"),
                              "--on", cluster});
  CHECK_MESSAGE(other.code == 0, other.all());
  CHECK(contains(other.err, "note: other: the cluster is as it is; its nodePools are ignored"));
  home.kubeloop({"down", "--name", cluster});
  CHECK(std::filesystem::is_empty(home.file("state")));
}

TEST_CASE("many files, chosen by their labels, and their combinations") {
  Home home;
  std::filesystem::create_directory(home.file("all"));
  const std::string good = "  steps: [{sleep: 1s}]\n";
  const std::string bad = "  steps: [{assert: {objects: nodes, count: 77}}]\n";
  for (auto [name, spec, suite] :
       {std::tuple("b", good, "flow"), std::tuple("a", good, "flow"), std::tuple("c", bad, "other"),
        std::tuple("d", std::string("  matrix: {k: [1, 2]}\n  steps: [{sleep: \"${k}s\"}]\n"), "matrix")}) {
    std::filesystem::rename(write_scenario(home, name, spec, suite), home.file(std::string("all/") + name + ".yaml"));
  }
  write_text(home.file("all/pod.yaml"), "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n");
  auto flow = home.kubeloop({"run", home.file("all"), "--time", "virtual", "-l", "suite=flow"});
  CHECK_MESSAGE(flow.code == 0, flow.all());
  CHECK(contains(flow.err, "\\[1/2\\] a\n\\[2/2\\] b\n2 passed\n"));
  CHECK(contains(flow.out, "^a \\(virtual time, seed 1\\): passed, 1 step\nb "));
  auto all = home.kubeloop({"run", home.file("all"), "--time", "virtual"});
  CHECK(all.code == 4);
  CHECK_MESSAGE(contains(all.err, "4 passed, 1 failed: c\n"), all.err);
  auto one = home.kubeloop({"run", home.file("all/d.yaml"), "--time", "virtual", "--set", "k=2"});
  CHECK_MESSAGE(one.code == 0, one.all());
  CHECK(contains(one.out, "d\\[k=2\\]"));
  auto none = home.kubeloop({"run", home.file("all"), "--time", "virtual", "-l", "suite=nothing"});
  CHECK(none.code == 2);
  CHECK_MESSAGE(contains(none.err, "no scenario of 4 files has labels that match \"suite=nothing\""), none.err);
  auto unknown = home.kubeloop({"run", home.file("all/d.yaml"), "--time", "virtual", "--set", "m=2"});
  CHECK(unknown.code == 2);
  CHECK(contains(unknown.err, "no scenario has a parameter \"m\""));
}

}  // namespace
}  // namespace kubeloop::tests
