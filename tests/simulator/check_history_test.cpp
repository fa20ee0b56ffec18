// Checks of what happened: order, writes, latency.
#include "tests/simulator/check_world.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kOrder =
    "order: [{object: pod/default/a, created: true}, {object: pod/default/a, event: {reason: Scheduled}}, {object: "
    "pod/default/a, condition: Ready}, {object: pod/default/a, deleted: true}]";

std::string pod(const std::string& name, const std::string& rest) {
  return "{kind: Pod, metadata: {name: " + name + ", uid: u-" + name + ", labels: {app: web}}, " + rest + "}";
}
const std::string kReady = "spec: {nodeName: node-1}, status: {conditions: [{type: Ready, status: 'True'}]}";
const std::string kScheduled =
    "{kind: Event, metadata: {name: a.1}, reason: Scheduled, involvedObject: {kind: Pod, name: a, namespace: default}}";

TEST_CASE("happenings in their order") {
  CheckWorld world;
  auto& order = world.follow(kOrder);
  CHECK(order.problem(world.view) == "\"pod/default/a is created\" has not happened");
  world.put(pod("a", "spec: {}"));
  CHECK(
      order.problem(world.view) ==
      "\"pod/default/a has event Scheduled\" has not happened: pod/default/a has 0 events Scheduled \"\", expected at "
      "least one (others: none)");
  world.put(kScheduled);
  world.put(pod("a", kReady));
  CHECK(order.problem(world.view) == "\"pod/default/a is deleted\" has not happened");
  world.remove("pod", "default/a");
  CHECK(order.problem(world.view) == "");
}

TEST_CASE("happenings in another order") {
  CheckWorld world;
  auto& order = world.follow(kOrder);
  world.put(pod("a", "spec: {}"));
  world.put(pod("a", kReady));
  world.put(kScheduled);
  world.put(pod("a", "spec: {nodeName: node-1}, status: {}"));  // the first time counts
  CHECK(order.problem(world.view) ==
        "\"pod/default/a is Ready\" happened first at revision 2 (1970-01-01T00:00:02.000000Z), before \"pod/default/a "
        "has event Scheduled\" at revision 3 (1970-01-01T00:00:03.000000Z)");
}

FlowEvent commit(const std::string& actor, const std::string& verb, const std::string& object) {
  FlowEvent event;
  event.kind = "commit";
  event.actor = actor;
  event.verb = verb;
  event.object = object;
  return event;
}

TEST_CASE("writes are counted by actor, verb and resource") {
  CheckWorld world;
  auto& of_replica_sets = world.follow("writes: {by: controller-manager/replicaset, resource: pods, count: {$lte: 2}}");
  auto& of_manager = world.follow("writes: {by: controller-manager, verb: create, count: 3}");
  auto& of_all = world.follow("writes: {count: {$lt: 4}}");
  for (int i = 0; i < 3; ++i) {
    for (auto* tracker : {&of_replica_sets, &of_manager, &of_all}) {
      tracker->commit(commit("controller-manager/replicaset", "create", "pods/default/a"));
    }
  }
  for (auto* tracker : {&of_replica_sets, &of_manager, &of_all}) {
    tracker->commit(commit("scheduler", "create", "pods/default/a/binding"));
  }
  CHECK(of_replica_sets.problem(world.view) ==
        "controller-manager/replicaset wrote 3 times (create pods 3), expected at most 2");
  CHECK(of_manager.problem(world.view) == "");
  CHECK(of_all.problem(world.view) == "everybody together wrote 4 times (create pods 4), expected less than 4");
}

TEST_CASE("percentiles of how long pods take") {
  CheckWorld world;
  auto& latency = world.follow("latency: {from: created, to: ready, of: {selector: app=web}, p50: 1s, max: '<2s'}");
  CHECK(latency.problem(world.view) == "no pod with app=web was seen becoming created");
  world.put(pod("a", "spec: {}"));
  CHECK(latency.problem(world.view) ==
        "p50 from created to ready is not reached: 1 of 1 pods with app=web are not ready yet (default/a)");
  world.put(pod("a", kReady));
  CHECK(latency.problem(world.view) == "");
  world.put(pod("b", "spec: {}"));
  world.put(pod("b", "spec: {nodeName: node-1}"));
  world.put(pod("b", kReady));
  CHECK(latency.problem(world.view) ==
        "max from created to ready is 2.000s (default/b, of 2 pods with app=web), expected less than 2s");
}

}  // namespace
}  // namespace kubeloop::simulator
