// Pods through the whole component against the real hub: status patches as the hub applies them, events, deletion,
// restarts of node and process.
#include <doctest/doctest.h>

#include "tests/kubelet-sim/kubelet_world.hpp"

namespace kubeloop::kubelet_sim {
namespace {

std::string container_id(const Json& pod) {
  return pod.value("/status/containerStatuses/0/containerID"_json_pointer, "");
}

void make_ready(KubeletWorld& world, int nodes = 1) {
  world.run_for(1s);
  for (int i = 1; i <= nodes; ++i) world.give_network(fmt::format("node-{}", i), fmt::format("10.128.{}", i));
}

}  // namespace

TEST_CASE("a bound pod comes to run: two status writes, five conditions, the events in order") {
  KubeletWorld world;
  make_ready(world);
  world.create_pod(world.pod_body("web", "nginx", "node-1"));
  REQUIRE(world.run_until(10s, [&] { return world.has_phase("web", "Running"); }));
  world.run_for(60s);
  CHECK(world.count_sent("PATCH", "/pods/web/status") == 2);
  auto pod = world.pod("web");
  const auto& status = pod["status"];
  CHECK(status["hostIP"] == "172.18.0.1");
  CHECK(status["podIP"] == "10.128.1.2");
  CHECK(status["podIPs"][0]["ip"] == "10.128.1.2");
  CHECK(status["qosClass"] == "BestEffort");
  CHECK(status["observedGeneration"] == pod["metadata"]["generation"]);
  std::vector<std::string> types;
  for (const auto& one : status["conditions"]) {
    types.push_back(one["type"]);
    CHECK(one["status"] == "True");
    CHECK_FALSE(one.contains("reason"));
  }
  CHECK(types == std::vector<std::string>{"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady",
                                          "PodScheduled"});
  const auto& container = status["containerStatuses"][0];
  CHECK(container["ready"] == true);
  CHECK(container["started"] == true);
  CHECK(container["image"] == "docker.io/library/nginx:latest");
  CHECK(container["state"].contains("running"));
  CHECK_FALSE(container["state"].contains("waiting"));
  CHECK(world.events_about("Pod", "web") ==
        std::vector<std::string>{
            "Pulling: Pulling image \"nginx\"",
            "Pulled: Successfully pulled image \"nginx\" in 2.1s (2.1s including waiting). Image size: "
            "72000000 bytes.",
            "Created: Container created", "Started: Container started"});
  CHECK(world.sim->runtime().nodes_that_ran(pod["metadata"]["uid"].get<std::string>()) ==
        std::set<std::string>{"node-1"});
  for (const auto& one : world.transport.sent) {
    if (one.target.find("/pods/web") != std::string::npos) CHECK(one.user == "system:node:node-1");
  }
}

TEST_CASE("deleting a pod: SIGTERM, the last status, then the object goes and nothing is left") {
  KubeletWorld world;
  make_ready(world);
  world.create_pod(world.pod_body("web", "nginx", "node-1"));
  REQUIRE(world.run_until(10s, [&] { return world.has_phase("web", "Running"); }));
  auto uid = world.pod("web")["metadata"]["uid"].get<std::string>();
  CHECK(world.hub.remove("/api/v1/namespaces/default/pods/web").code == 200);
  REQUIRE(world.run_until(5s, [&] { return !world.exists("web"); }));
  world.run_for(5s);
  const auto& sent = world.transport.sent;
  auto removed = std::find_if(sent.begin(), sent.end(), [](const Sent& one) { return one.method == "DELETE"; });
  REQUIRE(removed != sent.end());
  auto options = Json::parse(removed->body);
  CHECK(options["gracePeriodSeconds"] == 0);
  CHECK(options["preconditions"]["uid"] == uid);
  CHECK(world.count_sent("DELETE", "/pods/web") == 1);
  CHECK(world.count_sent("PATCH", "/pods/web/status") == 3);
  CHECK(world.events_about("Pod", "web").back() == "Killing: Stopping container c");
  CHECK(world.sim->runtime().pods_on("node-1").empty());
}

TEST_CASE("a pod made again under its name right after a forced delete runs as another pod") {
  KubeletWorld world;
  make_ready(world);
  world.create_pod(world.pod_body("web", "nginx", "node-1"));
  REQUIRE(world.run_until(10s, [&] { return world.has_phase("web", "Running"); }));
  auto first = world.pod("web")["metadata"]["uid"].get<std::string>();
  CHECK(world.hub.remove("/api/v1/namespaces/default/pods/web", R"({"gracePeriodSeconds":0})").code == 200);
  CHECK_FALSE(world.exists("web"));
  world.create_pod(world.pod_body("web", "nginx", "node-1"));
  REQUIRE(world.run_until(10s, [&] { return world.has_phase("web", "Running"); }));
  world.run_for(10s);
  auto second = world.pod("web")["metadata"]["uid"].get<std::string>();
  CHECK(second != first);
  CHECK(world.sim->runtime().pods_on("node-1") == std::vector<std::string>{second});
}

TEST_CASE("a node that comes back finds its container still running") {
  KubeletWorld world;
  make_ready(world);
  world.create_pod(world.pod_body("web", "nginx", "node-1"));
  world.create_pod(world.pod_body("gone", "nginx", "node-1"));
  REQUIRE(world.run_until(10s, [&] { return world.has_phase("gone", "Running"); }));
  world.run_for(5s);
  auto before = world.pod("web");
  REQUIRE(world.sim->stop_node("node-1").has_value());
  world.run_for(10s);
  CHECK(world.hub.remove("/api/v1/namespaces/default/pods/gone", R"({"gracePeriodSeconds":0})").code == 200);
  CHECK(world.sim->runtime().pods_on("node-1").size() == 2);
  REQUIRE(world.sim->start_node("node-1").has_value());
  world.run_for(30s);
  auto after = world.pod("web");
  CHECK(container_id(after) == container_id(before));
  CHECK(after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]);
  // The one that was deleted meanwhile has been stopped.
  CHECK(world.sim->runtime().pods_on("node-1").size() == 1);
}

TEST_CASE("a new process takes over the pods of the one that died") {
  KubeletWorld world(2);
  make_ready(world, 2);
  world.create_pod(world.pod_body("web", "nginx", "node-1"));
  auto job = world.pod_body("job", "busybox:1.36", "node-2");
  job["spec"]["restartPolicy"] = "Never";
  job["spec"]["containers"][0]["command"] = Json::array({"sleep", "60"});
  world.create_pod(job);
  REQUIRE(world.run_until(10s, [&] { return world.has_phase("web", "Running") && world.has_phase("job", "Running"); }));
  auto before = world.pod("web");
  world.stop_sim();
  world.run_for(20s);
  world.start_sim();
  world.run_for(10s);
  auto after = world.pod("web");
  CHECK(container_id(after) == container_id(before));
  CHECK(after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]);
  CHECK(world.sim->runtime().starts().empty());
  CHECK(world.sim->runtime().nodes_running(before["metadata"]["uid"].get<std::string>(), world.hub.loop.now()) ==
        std::vector<std::string>{"node-1"});
  REQUIRE(world.run_until(60s, [&] { return world.has_phase("job", "Succeeded"); }));
  CHECK(KubeletWorld::condition(world.pod("job"), "Ready", "reason") == "PodCompleted");
}

TEST_CASE("a pod that the node has no room for fails at once") {
  KubeletWorld world;
  make_ready(world);
  auto big = world.pod_body("big", "nginx", "node-1");
  big["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "3";
  world.create_pod(big);
  auto bigger = big;
  bigger["metadata"]["name"] = "bigger";
  world.create_pod(bigger);
  REQUIRE(world.run_until(5s, [&] { return world.has_phase("bigger", "Failed"); }));
  auto pod = world.pod("bigger");
  CHECK(pod["status"]["reason"] == "OutOfcpu");
  CHECK(pod["status"]["message"] ==
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 3000, capacity: 4000");
  CHECK(world.run_until(10s, [&] { return world.has_phase("big", "Running"); }));
}

TEST_CASE("the hub is away for a while: the pod goes on, its status is made good afterwards") {
  KubeletWorld world;
  make_ready(world);
  auto body = world.pod_body("web", "nginx", "node-1");
  body["metadata"]["annotations"]["kubeloop.dev/readiness"] = "fail 20s-";
  body["spec"]["containers"][0]["readinessProbe"] = Json{{"tcpSocket", {{"port", 80}}}, {"failureThreshold", 1}};
  world.create_pod(body);
  REQUIRE(world.run_until(10s, [&] { return KubeletWorld::condition(world.pod("web"), "Ready") == "True"; }));
  world.hub.stop();
  world.run_for(60s);
  world.hub.start();
  CHECK(world.run_until(60s, [&] { return KubeletWorld::condition(world.pod("web"), "Ready") == "False"; }));
}

TEST_CASE("the same seed gives the same requests, and any interleaving the same end") {
  auto history = [](std::uint64_t seed, std::optional<std::uint64_t> shuffle) {
    KubeletWorld world(3, seed, shuffle, true);
    make_ready(world, 3);
    for (int i = 0; i < 6; ++i) {
      world.create_pod(
          world.pod_body(fmt::format("p{}", i), i % 2 ? "nginx" : "redis", fmt::format("node-{}", i % 3 + 1)));
    }
    world.run_for(15s);
    world.hub.remove("/api/v1/namespaces/default/pods/p0");
    world.run_for(15s);
    CHECK_FALSE(world.exists("p0"));
    for (int i = 1; i < 6; ++i) CHECK(world.has_phase(fmt::format("p{}", i), "Running"));
    std::string text;
    for (const auto& one : world.transport.sent) {
      text += fmt::format("{} {} {} {} {}\n", one.at.time_since_epoch().count(), one.method, one.target, one.user,
                          one.body);
    }
    return text;
  };
  CHECK(history(7, std::nullopt) == history(7, std::nullopt));
  CHECK(history(7, 3) == history(7, 3));
  for (std::uint64_t shuffle = 10; shuffle < 14; ++shuffle) CHECK_FALSE(history(8, shuffle).empty());
}

}  // namespace kubeloop::kubelet_sim
