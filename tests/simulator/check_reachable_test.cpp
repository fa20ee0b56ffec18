// A service that reaches nobody: the one sentence that says where the way is broken.
#include "tests/simulator/check_world.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kCheck = "reachable: {service: default/web}";

void put_service(CheckWorld& world, const std::string& spec) {
  world.put("{kind: Service, metadata: {name: web}, spec: {" + spec + "}}");
}

void put_pod(CheckWorld& world, const std::string& labels, const std::string& status) {
  world.put(
      "{kind: Pod, metadata: {name: web-1, labels: {" + labels +
      "}}, spec: {nodeName: node-1, containers: [{name: app, ports: [{name: http, containerPort: 80}]}]}, status: " +
      status + "}");
}

const std::string kReady = "{phase: Running, conditions: [{type: Ready, status: 'True'}]}";

TEST_CASE("a service that is not there, or has no selector") {
  CheckWorld world;
  CHECK(world.says(kCheck) == "Service default/web does not exist");
  put_service(world, "ports: [{port: 80}]");
  CHECK(world.says(kCheck) == "Service default/web has no selector, and nobody else gave it a ready endpoint");
  put_service(world, "type: ExternalName, externalName: example.com");
  CHECK(world.says(kCheck) == "Service default/web is of type ExternalName: it leads to example.com, not to pods");
}

TEST_CASE("a selector that finds nobody") {
  CheckWorld world;
  put_service(world, "selector: {app: web}, ports: [{port: 80}]");
  CHECK(world.says(kCheck) == "Service selector is app=web, there are no pods in namespace default");
  put_pod(world, "app: webs", kReady);
  CHECK(world.says(kCheck) == "Service selector is app=web, the pods are labelled app=webs");
  put_pod(world, "tier: front", kReady);
  CHECK(world.says(kCheck) == "Service selector is app=web, the pods are labelled tier=front");
  put_pod(world, "", kReady);
  CHECK(world.says(kCheck) == "Service selector is app=web, the pods have no labels");
}

TEST_CASE("pods that are not ready, and a port that nobody has") {
  CheckWorld world;
  put_service(world, "selector: {app: web}, ports: [{port: 80, targetPort: http}]");
  put_pod(world, "app: web",
          "{phase: Running, conditions: [{type: Ready, status: 'False', message: 'containers with "
          "unready status: [app]'}]}");
  CHECK(world.says(kCheck) ==
        "Service default/web: its only pod default/web-1 is not ready: containers with unready status: [app]");
  put_pod(world, "app: web", kReady);
  CHECK(world.says(kCheck) == "Service default/web: its pods are ready, but no EndpointSlice lists one as ready yet");
  put_service(world, "selector: {app: web}, ports: [{port: 80, targetPort: web}]");
  CHECK(world.says(kCheck) ==
        "Service default/web: targetPort web of port 80 is the name of no container port of the pods (they have http)");
}

TEST_CASE("a service that works") {
  CheckWorld world;
  auto& tracker = world.follow(kCheck);
  put_service(world, "selector: {app: web}, ports: [{port: 80, targetPort: 80}]");
  put_pod(world, "app: web", kReady);
  CHECK(tracker.problem(world.view) != "");
  world.put(
      "{kind: EndpointSlice, metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}, endpoints: "
      "[{conditions: {ready: true}}]}");
  CHECK(tracker.problem(world.view) == "");
  CHECK(world.says(kCheck) == "");
}

}  // namespace
}  // namespace kubeloop::simulator
