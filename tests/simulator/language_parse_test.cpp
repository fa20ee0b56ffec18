// The parts of the scenario language that stand around plain steps: labels, horizon, node pools, components,
// behaviours, templates, load, exec, and what may stand beside a step's key.
#include <doctest/doctest.h>

#include "simulator/cluster/machines.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kHead = "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n";
const std::string kSleep = "  steps: [{sleep: 1s}]\n";

Scenario read(const std::string& text) {
  auto scenario = parse_scenario("x.yaml", text);
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message);
  return std::move(*scenario);
}

std::string error_of(const std::string& text) {
  auto scenario = parse_scenario("x.yaml", text);
  return scenario ? "" : scenario.error().message;
}

// Begins with that place and has that text.
void check_error(const std::string& text, const std::string& place, const std::string& part) {
  std::string error = error_of(text);
  CHECK_MESSAGE(error.starts_with("x.yaml:" + place + ":"), error);
  CHECK_MESSAGE(error.find(part) != std::string::npos, error);
}

void check_step_error(const std::string& step, const std::string& place, const std::string& part) {
  check_error(kHead + "  templates: {web: {apiVersion: v1, kind: Pod}}\n  steps:\n  - " + step + "\n", place, part);
}

TEST_CASE("labels and horizon") {
  auto scenario = read(
      "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x, labels: {suite: flow, kubeloop.dev/speed: "
      "slow}}\n"
      "spec:\n  horizon: 2h\n" +
      kSleep);
  CHECK(scenario.labels == std::map<std::string, std::string>{{"suite", "flow"}, {"kubeloop.dev/speed", "slow"}});
  CHECK(scenario.horizon == 2h);
  CHECK_FALSE(read(kHead + kSleep).horizon);
  check_error(kHead + "  horizon: 0s\n" + kSleep, "5:12", "longer than nothing");
  std::string head = "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata:\n  name: x\n  labels:\n    ";
  check_error(head + "suite: 3\nspec:\n" + kSleep, "6:12", "the value of a label is a text, it is 3");
  check_error(head + "\"a b\": x\nspec:\n" + kSleep, "6:5", "is no key of a label");
  check_error(head + "a: \"x y\"\nspec:\n" + kSleep, "6:8", "is no value of a label");
}

TEST_CASE("node pools become nodes, zones in turn") {
  auto scenario = read(kHead + R"(  cluster:
    nodes: 1
    nodePools:
    - name: big
      count: 3
      zones: [a, b]
      region: north
      capacity: {cpu: 8, memory: 32Gi, example.com/gpu: 2}
      labels: {disk: ssd}
      taints: [{key: dedicated, value: web, effect: NoSchedule}]
    - {name: small, count: 1}
)" + kSleep);
  CHECK(scenario.nodes == 1);
  CHECK(node_count(scenario) == 5);
  auto machines = machines_of(scenario);
  REQUIRE(machines.nodes.size() == 5);
  CHECK(machines.nodes[0].name == "node-1");
  CHECK(machines.nodes[1].name == "big-1");
  CHECK(machines.nodes[3].name == "big-3");
  CHECK(machines.nodes[4].name == "small-1");
  CHECK(machines.nodes[1].labels.at("topology.kubernetes.io/zone") == "a");
  CHECK(machines.nodes[2].labels.at("topology.kubernetes.io/zone") == "b");
  CHECK(machines.nodes[3].labels.at("topology.kubernetes.io/zone") == "a");
  CHECK(machines.nodes[3].labels.at("topology.kubernetes.io/region") == "north");
  CHECK(machines.nodes[3].labels.at("disk") == "ssd");
  CHECK(machines.nodes[1].capacity.at("cpu") == "8");
  CHECK(machines.nodes[1].capacity.at("example.com/gpu") == "2");
  CHECK(machines.nodes[1].capacity.at("pods") == "110");  // as every node
  REQUIRE(machines.nodes[1].taints.size() == 1);
  CHECK(machines.nodes[1].taints[0].effect == "NoSchedule");
  CHECK(machines.nodes[4].labels.empty());
  // Who describes pools gets no plain nodes besides.
  CHECK(read(kHead + "  cluster: {nodePools: [{name: a, count: 2}]}\n" + kSleep).nodes == 0);
}

TEST_CASE("what is wrong with a node pool") {
  auto pool = [](const std::string& text) {
    return kHead + "  cluster:\n    nodePools:\n    - {" + text + "}\n" + kSleep;
  };
  check_error(pool("name: a"), "7:7", "needs \"count\"");
  check_error(pool("name: A, count: 1"), "7:14", "\"A\" is no name for a pool");
  check_error(pool("name: a, count: 1, zones: []"), "7:34", "\"zones\" is a list of 1 to 100 names");
  check_error(pool("name: a, count: 1, zones: [x, x]"), "7:38", "stands there twice");
  check_error(pool("name: a, count: 1, capacity: {cpus: 4}"), "7:38", "\"cpus\" is no resource of a node");
  check_error(pool("name: a, count: 1, capacity: {cpu: much}"), "7:43", "\"much\" is no quantity");
  check_error(pool("name: a, count: 1, taints: [{key: x, effect: Never}]"), "7:53", "effect");
  check_error(pool("name: a, count: 1}\n    - {name: a, count: 1"), "8:14", "there is another pool \"a\"");
  check_error(pool("name: a, count: 3000}\n    - {name: b, count: 3000"), "7:5", "more than 5000 nodes together");
  check_error(kHead + "  cluster:\n    nodes: 1\n    nodePools: [{name: node, count: 1}]\n" + kSleep, "7:24",
              "node-1 is the name of a plain node already");
}

TEST_CASE("components that are off or have flags") {
  auto scenario = read(kHead + R"(  cluster:
    components:
      scheduler: off
      controller-manager: {flags: {node-monitor-grace-period: 5s, unhealthy-zone-threshold: 0.8}}
      kubelet-sim: {start: false, flags: {node-lease-renew-interval: 1s}}
)" + kSleep);
  CHECK(scenario.components.at("scheduler").is_off);
  CHECK_FALSE(scenario.components.at("controller-manager").is_off);
  CHECK(scenario.components.at("controller-manager").flags ==
        std::vector<Flag>{{"node-monitor-grace-period", "5s"}, {"unhealthy-zone-threshold", "0.8"}});
  CHECK(scenario.components.at("kubelet-sim").is_off);
  CHECK_FALSE(scenario.components.contains("apiserver"));

  auto components = [](const std::string& text) {
    return kHead + "  cluster:\n    components:\n      " + text + "\n" + kSleep;
  };
  check_error(components("apiserver: off"), "7:18", "cannot be off from the beginning");
  check_error(components("etcd: off"), "7:7", "unknown key \"etcd\"");
  check_error(components("scheduler: {flags: {bind-timeout: 3s}}"), "7:27",
              "scheduler has no flag \"bind-timeout\" (known: leader-elect, leader-elect-lease-duration");
  check_error(components("controller-manager: {flags: {node-monitor-period: 5}}"), "7:57", "is no duration");
  check_error(components("controller-manager: {flags: {unhealthy-zone-threshold: 2}}"), "7:62", "is no number that");
  check_error(components("controller-manager: {flags: {controllers: '*,-nobody'}}"), "7:49",
              "\"nobody\" is no controller");
  check_error(components("scheduler: {flags: {leader-elect-lease-duration: 1s}}"), "7:26", "must be greater than");
}

TEST_CASE("behaviours of images") {
  auto scenario = read(kHead + R"(  cluster:
    behaviours:
    - {image: "web:*", pull: 2s, run: "5s exit 1 x3, forever"}
    - {image: "*", readiness: "fail 0s-5s", stop: ignore}
)" + kSleep);
  REQUIRE(scenario.behaviours.size() == 2);
  CHECK(scenario.behaviours[0].image == "web:*");
  CHECK(scenario.behaviours[0].texts.at("run") == "5s exit 1 x3, forever");
  CHECK(scenario.behaviours[1].texts.at("stop") == "ignore");
  auto behaviour = [](const std::string& text) {
    return kHead + "  cluster:\n    behaviours:\n    - {" + text + "}\n" + kSleep;
  };
  check_error(behaviour("run: 5s"), "7:7", "needs \"image\"");
  check_error(behaviour("image: a"), "7:7", "says nothing of the image");
  check_error(behaviour("image: a, run: exit 1"), "7:23", "\"exit 1\" is no behaviour for \"run\"");
  check_error(behaviour("image: a, liveness: sometimes"), "7:28", "is no behaviour for \"liveness\"");
}

TEST_CASE("many objects from a template") {
  auto scenario = read(kHead + R"(  templates:
    web: {apiVersion: v1, kind: Pod, spec: {containers: [{name: c, image: nginx}]}}
  steps:
  - create:
      template: web
      count: 10000
      set: {"spec.containers[0].image": "nginx:1.27", metadata.labels.number: "n{i}"}
  - create: {template: web, name: only, namespace: team}
  - create: {object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}}
  - delete: {objects: pods, selector: app=web, namespace: team, gracePeriodSeconds: 0}
)");
  const auto& many = std::get<CreateStep>(scenario.steps[0].action);
  CHECK(many.count == 10000);
  CHECK(scenario.steps[0].text == "create 10000 Pods, web-1 to web-10000");
  auto object = make_object(many.what, 7);
  REQUIRE(object.has_value());
  CHECK((*object)["metadata"]["name"] == "web-7");
  CHECK((*object)["metadata"]["labels"]["number"] == "n7");
  CHECK((*object)["spec"]["containers"][0]["image"] == "nginx:1.27");
  CHECK((*object)["spec"]["containers"][0]["name"] == "c");
  const auto& one = std::get<CreateStep>(scenario.steps[1].action);
  CHECK((*make_object(one.what, 1))["metadata"]["namespace"] == "team");
  CHECK(scenario.steps[1].text == "create Pod only");
  CHECK(scenario.steps[2].text == "create ConfigMap settings");
  const auto& gone = std::get<DeleteStep>(scenario.steps[3].action);
  CHECK(gone.is_for_many);
  CHECK(gone.selector == "app=web");
  CHECK(scenario.steps[3].text == "delete all pods in team with app=web");
}

TEST_CASE("what is wrong with a create step") {
  check_step_error("create: {template: wep}", "7:24", "there is no template \"wep\" in spec.templates");
  check_step_error("create: {count: 2}", "7:13", "needs either \"template\" or \"object\"");
  check_step_error("create: {template: web, count: 2, name: same}", "7:45", "{i} is the number");
  check_step_error("create: {template: web, count: 0}", "7:36", "");
  check_step_error("create: {template: web, set: {spec..x: 1}}", "7:35", "is no path of a field");
  check_step_error("create: {template: web, set: {kind.x: 1}}", "7:35", "would stand in something that is no mapping");
  check_step_error("create: {template: web, colour: red}", "7:29", "unknown key \"colour\"");
  check_error(kHead + "  templates: {web: {kind: Pod}}\n" + kSleep, "5:20", "is no manifest");
}

TEST_CASE("a load") {
  auto scenario = read(kHead + R"(  templates: {web: {apiVersion: v1, kind: Pod}}
  steps:
  - load: {template: web, rate: 50/s, distribution: poisson, for: 2m, lifetime: 30s±10s, background: true}
  - load: {template: web, rate: 2/10s, for: 1m, lifetime: 1m+-500ms}
)");
  const auto& load = std::get<LoadStep>(scenario.steps[0].action);
  CHECK(load.arrivals == 50);
  CHECK(load.per == 1s);
  CHECK(load.distribution == LoadStep::Distribution::kPoisson);
  CHECK(load.length == 2min);
  CHECK(load.lifetime == 30s);
  CHECK(load.lifetime_spread == 10s);
  CHECK(load.is_in_background);
  CHECK(load.what.name == "web-{i}");
  CHECK(scenario.steps[0].text == "load of Pod web-{i}, 50/s poisson, for 2m, each lives 30s±10s, in the background");
  const auto& slow = std::get<LoadStep>(scenario.steps[1].action);
  CHECK(slow.per == 10s);
  CHECK(slow.lifetime_spread == 500ms);
  check_step_error("load: {template: web, for: 1m}", "7:11", "needs \"rate\"");
  check_step_error("load: {template: web, rate: fast, for: 1m}", "7:33", "\"fast\" is no rate like 50/s");
  check_step_error("load: {template: web, rate: 0/s, for: 1m}", "7:33", "is no rate");
  check_step_error("load: {template: web, rate: 20000/s, for: 1s}", "7:33", "more than 10000 in a second");
  check_step_error("load: {template: web, rate: 1000/s, for: 1h}", "7:46", "more than 1000000 objects");
  check_step_error("load: {template: web, rate: 1/s, for: 1m, lifetime: 5s±6s}", "7:57", "more than the lifetime");
  check_step_error("load: {template: web, rate: 1/s, for: 1m, distribution: gauss}", "7:61", "distribution");
}

TEST_CASE("beside a step's key") {
  auto scenario = read(kHead + "  steps:\n  - {sleep: 1s, at: 30s, name: a while}\n  - {name: b, sleep: 2s}\n");
  CHECK(scenario.steps[0].at == 30s);
  CHECK(scenario.steps[0].name == "a while");
  CHECK(scenario.steps[0].text == "a while: sleep 1s");
  CHECK_FALSE(scenario.steps[1].at);
  check_step_error("{at: 30s}", "7:5", "a step is one key and its value");
  check_step_error("{sleep: 1s, at: soon}", "7:21", "duration");
  check_step_error("{sleep: 1s, name: 3}", "7:23", "\"name\" is a text");
  check_step_error("{sleep: 1s, wait: {}}", "7:5", "a step is one key and its value");
}

TEST_CASE("exec is a step of real time") {
  auto scenario = read(kHead + R"(  steps:
  - exec:
      command: [kubectl, get, pods]
      stdin: "x"
      within: 30s
      exitCode: 1
      stdout: {contains: [a, b], matches: "^N", equals: x}
      stderr: {contains: c}
)");
  CHECK(scenario.runs_in_real_time);
  CHECK_FALSE(scenario.runs_in_virtual_time);
  const auto& exec = std::get<ExecStep>(scenario.steps[0].action);
  CHECK(exec.command == std::vector<std::string>{"kubectl", "get", "pods"});
  CHECK(exec.exit_code == 1);
  CHECK(exec.out.contains == std::vector<std::string>{"a", "b"});
  CHECK(exec.out.matches == "^N");
  CHECK(exec.err.contains == std::vector<std::string>{"c"});
  CHECK(scenario.steps[0].text == "run kubectl get pods, within 30s");
  check_error(kHead + "  times: [real, virtual]\n  steps:\n  - exec: {command: [\"true\"], within: 1s}\n", "7:5",
              "\"exec\" is a step of real time only, but \"times\" declares virtual too");
  check_step_error("exec: {command: kubectl get pods, within: 1s}", "7:21", "\"command\" is a list of texts");
  check_step_error("exec: {command: [a], within: 1s, stdout: {matches: '('}}", "7:56", "is no regular expression");
  check_step_error("exec: {command: [a]}", "7:11", "needs \"within\"");
}

}  // namespace
}  // namespace kubeloop::simulator
