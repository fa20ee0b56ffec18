// The checkers of a cluster at rest: a state in which all is true, and one lie after the other.
#include "tests/simulator/checkers_world.hpp"

namespace kubeloop::simulator {
namespace {

json object(const std::string& name, json spec = json::object(), json status = json::object()) {
  return {{"metadata", {{"name", name}, {"generation", 1}}}, {"spec", std::move(spec)}, {"status", std::move(status)}};
}

json owned_by(json one, const std::string& kind, const std::string& owner) {
  one["metadata"]["ownerReferences"] = {
      {{"kind", kind}, {"name", owner}, {"uid", "uid-" + owner}, {"controller", true}}};
  return one;
}

json ready_pod(const std::string& name, const std::string& address) {
  auto one = owned_by(pod(name, "node-1", "Running"), "ReplicaSet", "web-1");
  one["status"]["conditions"] = {{{"type", "Ready"}, {"status", "True"}}};
  one["status"]["podIP"] = address;
  return one;
}

json counts(int replicas, int ready) {
  return {{"observedGeneration", 1}, {"replicas", replicas}, {"readyReplicas", ready}, {"availableReplicas", ready}};
}

json endpoint(const std::string& name, bool is_ready) {
  return {{"addresses", {"10.0.0.1"}},
          {"conditions", {{"ready", is_ready}}},
          {"targetRef", {{"kind", "Pod"}, {"name", name}}}};
}

// A Deployment with two pods, one of them not ready, behind a Service; a Job, a quota and a budget over them.
struct RestWorld : CheckersWorld {
  RestWorld() {
    put("namespaces", object("default"));
    put("nodes", node("node-1"));
    put("deployments.apps", object("web", {{"replicas", 2}}, counts(2, 1)));
    set(counts(2, 1));
    put("pods", ready_pod("a", "10.0.0.1"));
    auto other = ready_pod("b", "10.0.0.2");
    other["status"]["conditions"][0]["status"] = "False";
    put("pods", other);
    put("services", object("web", {{"selector", {{"app", "web"}}}}));
    slice({endpoint("a", true), endpoint("b", false)});
    quota("2");
    json budget = {{"selector", {{"matchLabels", {{"app", "web"}}}}}};
    put("poddisruptionbudgets.policy", object("web", budget, {{"currentHealthy", 1}}));
    put("jobs.batch", object("job", json::object(), {{"active", 0}, {"ready", 0}}));
  }
  void set(const json& status) {
    put("replicasets.apps", owned_by(object("web-1", {{"replicas", 2}}, status), "Deployment", "web"));
  }
  void slice(const json& endpoints) {
    json one = {{"metadata",
                 {{"name", "web-x"},
                  {"labels",
                   {{"kubernetes.io/service-name", "web"},
                    {"endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io"}}}}},
                {"addressType", "IPv4"},
                {"endpoints", endpoints}};
    put("endpointslices.discovery.k8s.io", one);
  }
  void quota(const std::string& pods) {
    json status = {{"hard", {{"pods", "9"}, {"requests.cpu", "2"}}}, {"used", {{"pods", pods}, {"requests.cpu", "1"}}}};
    put("resourcequotas", object("quota", {{"hard", {{"pods", "9"}, {"requests.cpu", "2"}}}}, status));
  }
};

TEST_CASE("at rest all is told as it is") {
  RestWorld world;
  world.rest();
  CHECK(world.found() == "");
}

TEST_CASE("at rest: workloads") {
  RestWorld world;
  std::string expected;
  SUBCASE("a ReplicaSet that has lost count") {
    world.set(counts(3, 1));
    expected =
        "workload-status: replicasets.apps/default/web-1 says replicas is 3, it is 2\n"
        "workload-status: deployments.apps/default/web says replicas is 2, it is 3\n";
  }
  SUBCASE("one that has not heard of its last change") {
    auto status = counts(2, 1);
    status["observedGeneration"] = 0;
    world.set(status);
    expected = "workload-status: replicasets.apps/default/web-1 says observedGeneration is 0, it is 1\n";
  }
  SUBCASE("ready ones") {
    world.set(counts(2, 2));
    expected =
        "workload-status: replicasets.apps/default/web-1 says readyReplicas is 2, it is 1\n"
        "workload-status: replicasets.apps/default/web-1 says availableReplicas is 2, it is 1\n"
        "workload-status: deployments.apps/default/web says readyReplicas is 1, it is 2\n"
        "workload-status: deployments.apps/default/web says availableReplicas is 1, it is 2\n";
  }
  SUBCASE("a Job with pods that it does not count, and one that it still has to count") {
    json status = {{"active", 1}, {"ready", 0}, {"uncountedTerminatedPods", {{"failed", {"uid-x"}}}}};
    world.put("jobs.batch", object("job", json::object(), status));
    expected =
        "workload-status: jobs.batch/default/job says active is 1, it is 0\n"
        "workload-status: jobs.batch/default/job says the number of its uncounted pods is 1, it is 0\n";
  }
  world.rest();
  CHECK(world.found() == expected);
}

TEST_CASE("at rest: services, quotas and budgets") {
  RestWorld world;
  std::string expected;
  SUBCASE("a pod is missing") {
    world.slice(json::array({endpoint("a", true)}));
    expected = "service-endpoints: the EndpointSlices of services/default/web lack pod b\n";
  }
  SUBCASE("a pod is gone") {
    world.slice({endpoint("a", true), endpoint("b", false), endpoint("c", true)});
    expected = "service-endpoints: the EndpointSlices of services/default/web hold pod c, which is not one of its\n";
  }
  SUBCASE("a pod is not ready") {
    world.slice({endpoint("a", true), endpoint("b", true)});
    expected = "service-endpoints: the EndpointSlices of services/default/web say that pod b is ready\n";
  }
  SUBCASE("a quota counts a pod too many") {
    world.quota("3");
    expected = "quota-status: resourcequotas/default/quota says that 3 of pods are used, they are 2\n";
  }
  SUBCASE("a budget counts one that is not ready") {
    json budget = {{"selector", {{"matchLabels", {{"app", "web"}}}}}};
    world.put("poddisruptionbudgets.policy", object("web", budget, {{"currentHealthy", 2}}));
    expected = "quota-status: poddisruptionbudgets.policy/default/web says that 2 pods are healthy, they are 1\n";
  }
  world.rest();
  CHECK(world.found() == expected);
}

TEST_CASE("at rest: what should be gone") {
  RestWorld world;
  std::string expected;
  SUBCASE("an object without its owner") {
    world.put("configmaps", owned_by({{"metadata", {{"name", "c"}}}}, "Job", "gone"));
    expected = "configmaps/default/c is there, its owner Job gone is not";
  }
  SUBCASE("a pod without its node") {
    auto one = pod("lost", "node-9", "Running");
    one["metadata"]["labels"]["app"] = "other";
    world.quota("3");
    world.put("pods", one);
    world.checkers.set_rest_scope(RestScope());
    expected = "pods/default/lost is on node-9, which is not there";
  }
  SUBCASE("an object without its namespace") {
    world.put("configmaps", {{"metadata", {{"name", "c"}, {"namespace", "gone"}}}});
    expected = "configmaps/gone/c is there, its namespace is not";
  }
  SUBCASE("an empty namespace that is still going") {
    auto space = object("old");
    space["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:10Z";
    world.put("namespaces", space);
    world.advance(69s);
    world.rest();
    CHECK(world.found() == "");
    world.advance(2s);
    expected = "namespaces/old is still going, and nothing is in it";
  }
  world.rest();
  CHECK(world.found().find("nothing-left-over: " + expected + "\n") != std::string::npos);
}

TEST_CASE("at rest: a pod whose end is overdue, unless its node is lost or a finalizer holds it") {
  RestWorld world;
  auto going = ready_pod("b", "10.0.0.2");
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:30Z";
  going["metadata"]["deletionGracePeriodSeconds"] = 30;
  world.put("pods", going);
  world.set(counts(1, 1));
  world.put("deployments.apps", object("web", {{"replicas", 2}}, counts(1, 1)));
  world.advance(80s);
  world.rest();
  CHECK(world.found() == "");
  world.advance(11s);
  SUBCASE("its node is there") {
    world.rest();
    CHECK(world.found().find("nothing-left-over: pods/default/b should have gone at 2026-01-01T00:00:30Z and is still "
                             "on node-1, which is ready\n") != std::string::npos);
  }
  SUBCASE("its node is not ready") {
    auto lost = node("node-1");
    lost["status"]["conditions"][0]["status"] = "Unknown";
    world.put("nodes", lost);
    world.rest();
    CHECK(world.found().find("should have gone") == std::string::npos);
  }
  SUBCASE("a finalizer holds it") {
    going["metadata"]["finalizers"] = {"example.com/x"};
    world.put("pods", going);
    world.rest();
    CHECK(world.found().find("should have gone") == std::string::npos);
  }
  SUBCASE("there are no kubelets") {
    RestScope scope;
    scope.has_kubelets = false;
    world.checkers.set_rest_scope(scope);
    world.rest();
    CHECK(world.found().find("should have gone") == std::string::npos);
  }
}

}  // namespace
}  // namespace kubeloop::simulator
