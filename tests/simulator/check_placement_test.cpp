// Where pods run: each key of a placement, when it holds and the sentence when it does not.
#include "tests/simulator/check_world.hpp"

namespace kubeloop::simulator {
namespace {

void put_node(CheckWorld& world, const std::string& name, const std::string& zone) {
  world.put("{kind: Node, metadata: {name: " + name + ", labels: {topology.kubernetes.io/zone: " + zone +
            ", disk: " + (zone == "a" ? "ssd" : "hdd") + "}}}");
}

void put_pod(CheckWorld& world, const std::string& name, const std::string& node,
             const std::string& phase = "Running") {
  world.put("{kind: Pod, metadata: {name: " + name + ", labels: {app: web}}, spec: {" +
            (node.empty() ? "" : "nodeName: " + node) + "}, status: {phase: " + phase + "}}");
}

CheckWorld three_nodes() {
  CheckWorld world;
  put_node(world, "node-1", "a");
  put_node(world, "node-2", "a");
  put_node(world, "node-3", "b");
  return world;
}

TEST_CASE("on and not on nodes") {
  auto world = three_nodes();
  CHECK(world.says("placement: {selector: app=web, on: node-1}") == "there is no pod with app=web");
  put_pod(world, "p1", "node-1");
  CHECK(world.says("placement: {selector: app=web, on: node-1}") == "");
  CHECK(world.says("placement: {selector: app=web, on: [node-2, node-1]}") == "");
  CHECK(world.says("placement: {selector: app=web, on: {zone: a}}") == "");
  CHECK(world.says("placement: {selector: app=web, on: 'disk in (ssd)'}") == "");
  CHECK(world.says("placement: {selector: app=web, on: node-2}") == "default/p1 is on node-1, expected on node-2");
  CHECK(world.says("placement: {selector: app=web, on: {zone: b}}") ==
        "default/p1 is on node-1, expected on nodes with topology.kubernetes.io/zone=b");
  CHECK(world.says("placement: {selector: app=web, notOn: {zone: b}}") == "");
  CHECK(world.says("placement: {selector: app=web, notOn: disk=ssd}") ==
        "default/p1 is on node-1, expected not on nodes with disk=ssd");
  world.put(
      "{kind: Pod, metadata: {name: p1, labels: {app: web}, deletionTimestamp: x}, spec: {nodeName: node-1}, "
      "status: {phase: Running}}");
  CHECK(world.says("placement: {selector: app=web, notOn: node-1}") ==
        "default/p1 is on node-1 (it is being deleted), expected not on node-1");
}

TEST_CASE("pods without a node, and pods that have ended") {
  auto world = three_nodes();
  put_pod(world, "p1", "", "Pending");
  CHECK(world.says("placement: {selector: app=web, on: node-1}") ==
        "default/p1 is on no node: no node has been chosen for it yet");
  CHECK(world.says("placement: {selector: app=web, notOn: node-1}") == "");
  Check standing = parse_one_check("placement: {selector: app=web, on: node-1}");
  std::get<PlacementCheck>(standing.what).ignores_unplaced = true;
  CHECK(evaluate(world.view, standing) == "");
  put_pod(world, "p1", "node-3", "Succeeded");
  put_pod(world, "p2", "node-1");
  CHECK(world.says("placement: {selector: app=web, on: node-1}") == "");
}

TEST_CASE("spread, together and apart, as pods come and go") {
  auto world = three_nodes();
  auto& spread = world.follow("placement: {selector: app=web, spread: {topologyKey: zone, maxSkew: 1}}");
  auto& same = world.follow("placement: {selector: app=web, sameNode: true}");
  auto& apart = world.follow("placement: {selector: app=web, differentNodes: true}");
  put_pod(world, "p1", "node-1");
  put_pod(world, "p2", "node-2");
  CHECK(spread.problem(world.view) == "a has 2 pods with app=web, b has 0: a skew of 2, expected at most 1");
  CHECK(same.problem(world.view) == "pods with app=web are on 2 nodes (node-1, node-2), expected one");
  CHECK(apart.problem(world.view) == "");
  put_pod(world, "p3", "node-3");
  CHECK(spread.problem(world.view) == "");
  put_pod(world, "p4", "node-1");
  CHECK(apart.problem(world.view) == "node-1 has 2 pods with app=web (default/p1, default/p4), expected at most one");
  world.remove("pod", "default/p1");
  CHECK(apart.problem(world.view) == "");
  world.remove("pod", "default/p2");
  world.remove("pod", "default/p3");
  CHECK(same.problem(world.view) == "");
  put_node(world, "node-1", "c");
  CHECK(spread.problem(world.view) == "");
  CHECK(world.says("placement: {selector: app=web, spread: {topologyKey: rack}}") == "no node has the label rack");
}

}  // namespace
}  // namespace kubeloop::simulator
