// What each kind of check says of a cluster: when it holds, and the exact sentence when it does not.
#include "tests/simulator/check_world.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kReady = "status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}";

std::string pod(const std::string& name, const std::string& labels, const std::string& node,
                const std::string& status) {
  return "{kind: Pod, metadata: {name: " + name + ", labels: {" + labels + "}}, spec: {" +
         (node.empty() ? "" : "nodeName: " + node) + "}, " + status + "}";
}

TEST_CASE("an object: there, as asked, gone") {
  CheckWorld world;
  CHECK(world.says("object: pod/default/a") == "pod/default/a does not exist");
  CHECK(world.says("object: pod/default/a, absent: true") == "");
  world.put(pod("a", "app: web", "node-1", kReady));
  CHECK(world.says("object: pod/default/a, condition: Ready") == "");
  CHECK(world.says("object: pod/default/a, condition: Ready=False") ==
        "pod/default/a: condition Ready is True, expected False");
  CHECK(world.says("object: pod/default/a, matches: {spec: {nodeName: {$in: [node-2, node-3]}}}") ==
        "pod/default/a: spec.nodeName is \"node-1\", expected one of \"node-2\", \"node-3\"");
  CHECK(world.says("object: pod/default/a, absent: true") == "pod/default/a is still there");
  CHECK(world.says("object: unicorn/a") == "the server knows no kind \"unicorn\"");
  world.put("{kind: Namespace, metadata: {name: team, deletionTimestamp: x, finalizers: [example.com/holds]}}");
  CHECK(world.says("object: namespace/team, absent: true") ==
        "namespace/team is still there (it is being deleted, and held by the finalizers example.com/holds)");
}

TEST_CASE("the most useful reason is told") {
  CheckWorld world;
  world.put(pod("pending", "a: b", "",
                "status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, "
                "message: '0/3 nodes are available: 3 Insufficient cpu.'}]}"));
  CHECK(world.says("object: pod/default/pending, condition: Ready") ==
        "pod/default/pending: has no condition Ready yet (phase Pending) (Unschedulable: 0/3 nodes are available: 3 "
        "Insufficient cpu.)");
  world.put(
      pod("image", "a: b", "node-1",
          "status: {phase: Pending, conditions: [{type: Ready, status: 'False', message: 'containers with unready "
          "status: [app]'}], containerStatuses: [{name: app, state: {waiting: {reason: ImagePullBackOff, message: "
          "'Back-off pulling image \"nosuch:1\"'}}}]}"));
  CHECK(
      world.says("object: pod/default/image, matches: {status: {phase: Running}}") ==
      "pod/default/image: status.phase is \"Pending\", expected \"Running\" (container app: ImagePullBackOff: Back-off "
      "pulling image \"nosuch:1\")");
  world.put(pod("crash", "a: b", "node-1",
                "status: {phase: Running, containerStatuses: [{name: app, state: {waiting: {reason: CrashLoopBackOff, "
                "message: back-off 10s}}, lastState: {terminated: {exitCode: 3}}}]}"));
  CHECK(world.says("object: pod/default/crash, matches: {status: {phase: Succeeded}}") ==
        "pod/default/crash: status.phase is \"Running\", expected \"Succeeded\" (container app: CrashLoopBackOff: "
        "back-off "
        "10s (it ended with exit code 3))");
  world.put(
      "{kind: Deployment, metadata: {name: web}, status: {availableReplicas: 1, conditions: [{type: Progressing, "
      "status: 'False', reason: ProgressDeadlineExceeded, message: 'ReplicaSet \"web-1\" has timed out "
      "progressing.'}]}}");
  CHECK(world.says("object: deployment/default/web, matches: {status: {availableReplicas: 3}}") ==
        "deployment/default/web: status.availableReplicas is 1, expected 3 (ProgressDeadlineExceeded: ReplicaSet "
        "\"web-1\" has timed out progressing.)");
  // Of what is no state, the state is not told.
  CHECK(world.says("object: pod/default/crash, matches: {metadata: {labels: {a: c}}}") ==
        "pod/default/crash: metadata.labels.a is \"b\", expected \"c\"");
}

TEST_CASE("the author's sentence comes first") {
  Check check = parse_one_check("object: pod/default/a, say: 'Make a pod named a'");
  CHECK(told(check, evaluate(ClusterView(), check)) == "Make a pod named a: pod/default/a does not exist");
  CHECK(told(check, "") == "");
}

TEST_CASE("Secrets keep their values") {
  CheckWorld world;
  world.put("{kind: Secret, metadata: {name: s}, data: {password: aHVudGVyMg==}}");
  CHECK(world.says("object: secret/default/s, matches: {data: {password: {$regex: '^x'}}}") ==
        "secret/default/s: data.password is not as expected (the values of Secrets are not shown)");
}

TEST_CASE("how many of a kind are so") {
  CheckWorld world;
  world.put(pod("a", "app: web", "node-1", kReady));
  world.put(pod("b", "app: web", "", "status: {phase: Pending}"));
  world.put("{kind: Pod, metadata: {name: c, namespace: team, labels: {app: web}}, spec: {nodeName: node-2}, " +
            kReady + "}");
  CHECK(world.says("objects: pods, selector: app=web, count: 2") == "");
  CHECK(world.says("objects: pods, namespace: '*', selector: app=web, count: 3") == "");
  CHECK(world.says("objects: pods, selector: app=web, count: {$gte: 1}, condition: Ready") == "");
  CHECK(world.says("objects: pods, selector: app=web, count: {$gte: 2}, condition: Ready") ==
        "1 pods are so, of 2, expected at least 2; b: has no condition Ready yet (phase Pending) (no node has been "
        "chosen for it yet)");
  CHECK(world.says("objects: pods, namespace: '*', count: 2, condition: Ready") == "");
  CHECK(world.says("objects: pods, namespace: none, count: 1") == "0 pods are so, of 0, expected 1");
}

TEST_CASE("a count follows changes without looking at the others") {
  CheckWorld world;
  auto& tracker = world.follow("objects: pods, selector: app=web, count: 1, condition: Ready");
  CHECK(tracker.problem(world.view) == "0 pods are so, of 0, expected 1");
  world.put(pod("a", "app: web", "node-1", kReady));
  CHECK(tracker.problem(world.view) == "");
  world.put(pod("a", "app: other", "node-1", kReady));
  CHECK(tracker.problem(world.view) == "0 pods are so, of 0, expected 1");
  world.put(pod("a", "app: web", "node-1", kReady));
  world.remove("pod", "default/a");
  CHECK(tracker.problem(world.view) == "0 pods are so, of 0, expected 1");
}

TEST_CASE("events about an object, and events at large") {
  CheckWorld world;
  world.put(pod("a", "app: web", "", "status: {phase: Pending}"));
  world.put(
      "{kind: Event, metadata: {name: a.1}, reason: FailedScheduling, message: '0/3 nodes are available', "
      "involvedObject: {kind: Pod, name: a, namespace: default}}");
  CHECK(world.says("object: pod/default/a, event: {reason: FailedScheduling, message: 0/3}") == "");
  CHECK(world.says("object: pod/default/a, event: {reason: FailedScheduling, count: {$gte: 2}}") ==
        "pod/default/a has 1 events FailedScheduling \"\", expected at least 2 (others: none)");
  CHECK(world.says("object: pod/default/a, event: {reason: Started}") ==
        "pod/default/a has 0 events Started \"\", expected at least one (others: FailedScheduling: 0/3 nodes are "
        "available)");
  CHECK(world.says("events: {reason: FailedScheduling}") == "");
  CHECK(world.says("events: {reason: FailedScheduling, regarding: pod/default/a, count: 1}") == "");
  CHECK(world.says("events: {reason: FailedScheduling, count: 0}") ==
        "there are 1 events FailedScheduling, expected 0; one says: 0/3 nodes are available");
  CHECK(world.says("events: {message: nodes, regarding: pod/default/b}") ==
        "there are 0 events with \"nodes\" about pod/default/b, expected at least 1");
}

TEST_CASE("no downtime of a service and of pods") {
  CheckWorld world;
  std::string check = "noDowntime: {service: default/web, minReady: 2}";
  CHECK(world.says(check) == "Service default/web has 0 ready endpoints, expected at least 2");
  world.put(
      "{kind: EndpointSlice, metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}, endpoints: "
      "[{conditions: {ready: true}}, {conditions: {ready: false}}]}");
  CHECK(world.says(check) == "Service default/web has 1 ready endpoint, expected at least 2");
  auto& tracker = world.follow(check);
  world.put(
      "{kind: EndpointSlice, metadata: {name: web-2, labels: {kubernetes.io/service-name: web}}, endpoints: [{}]}");
  CHECK(tracker.problem(world.view) == "");
  world.remove("endpointslice", "default/web-1");
  CHECK(tracker.problem(world.view) == "Service default/web has 1 ready endpoint, expected at least 2");

  std::string pods = "noDowntime: {selector: app=web}";
  CHECK(world.says(pods) == "0 of 0 pods with app=web are ready, expected at least 1");
  world.put(pod("a", "app: web", "node-1", kReady));
  CHECK(world.says(pods) == "");
  world.put("{kind: Pod, metadata: {name: a, labels: {app: web}, deletionTimestamp: x}, spec: {nodeName: node-1}, " +
            kReady + "}");
  CHECK(world.says(pods) == "0 of 1 pods with app=web are ready, expected at least 1; default/a: it is being deleted");
}

}  // namespace
}  // namespace kubeloop::simulator
