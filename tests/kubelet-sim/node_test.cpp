// Registration, heartbeats, stop and start of nodes, against the real hub.
#include <doctest/doctest.h>

#include "tests/kubelet-sim/kubelet_world.hpp"

namespace kubeloop::kubelet_sim {

TEST_CASE("a node registers not ready, then becomes Ready on the fast path") {
  KubeletWorld world;
  REQUIRE(world.run_until(1s, [&] { return KubeletWorld::condition(world.node(), "Ready") == "True"; }));
  const auto& first = world.transport.sent;
  auto created = std::find_if(first.begin(), first.end(), [](const Sent& one) { return one.method == "POST"; });
  REQUIRE(created != first.end());
  CHECK(created->target.starts_with("/api/v1/nodes"));
  CHECK(created->user == "system:node:node-1");
  CHECK(created->actor == "kubelet-sim/node-1");
  auto born = Json::parse(created->body);
  CHECK(KubeletWorld::condition(born, "Ready") == "False");
  CHECK(KubeletWorld::condition(born, "Ready", "reason") == "KubeletNotReady");
  CHECK(
      KubeletWorld::condition(born, "Ready", "message") ==
      "[container runtime status check may not have completed yet, PLEG is not healthy: pleg has yet to be successful, "
      "CSINode is not yet initialized]");

  auto node = world.node();
  std::vector<std::string> types;
  for (const auto& one : node["status"]["conditions"]) types.push_back(one["type"]);
  CHECK(types == std::vector<std::string>{"MemoryPressure", "DiskPressure", "PIDPressure", "Ready"});
  CHECK(KubeletWorld::condition(node, "Ready", "message") == "kubelet is posting ready status");
  CHECK(node["metadata"]["labels"]["kubernetes.io/hostname"] == "node-1");
  CHECK(node["metadata"]["annotations"]["volumes.kubernetes.io/controller-managed-attach-detach"] == "true");
  CHECK(node["status"]["capacity"]["cpu"] == "4");
  CHECK(node["status"]["allocatable"]["memory"] == "8Gi");
  CHECK(node["status"]["addresses"][0]["address"] == "172.18.0.1");
  CHECK(node["status"]["nodeInfo"]["kubeletVersion"] == "v1.35.0+kubeloop");
  CHECK(node["status"]["daemonEndpoints"]["kubeletEndpoint"]["Port"] == 10250);

  world.run_for(1s);
  auto lease = world.hub.get("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1").json();
  CHECK(lease["spec"]["holderIdentity"] == "node-1");
  CHECK(lease["spec"]["leaseDurationSeconds"] == 40);
  CHECK(lease["metadata"]["ownerReferences"][0]["uid"] == node["metadata"]["uid"]);
  CHECK(lease["spec"]["renewTime"].get<std::string>().size() == std::string("2026-01-01T00:00:00.000000Z").size());

  CHECK(world.events_about("Node", "node-1") ==
        std::vector<std::string>{"Starting: Starting kubelet.",
                                 "NodeHasSufficientMemory: Node node-1 status is now: NodeHasSufficientMemory",
                                 "NodeHasNoDiskPressure: Node node-1 status is now: NodeHasNoDiskPressure",
                                 "NodeHasSufficientPID: Node node-1 status is now: NodeHasSufficientPID",
                                 "NodeAllocatableEnforced: Updated Node Allocatable limit across pods",
                                 "NodeReady: Node node-1 status is now: NodeReady"});
}

TEST_CASE("an idle node renews its lease six times a minute and reports its status once in five minutes") {
  KubeletWorld world(3);
  world.run_for(30s);
  world.give_network();
  world.run_for(30s);
  for (const char* name : {"node-1", "node-2", "node-3"}) {
    Instant from = world.hub.loop.now();
    world.run_for(60s);
    CHECK(world.count_sent("PUT", std::string("/leases/") + name, from) == 6);
  }
  Instant from = world.hub.loop.now();
  world.run_for(600s);
  for (const char* name : {"node-1", "node-2", "node-3"}) {
    CHECK(world.count_sent("PUT", std::string("/leases/") + name, from) == 60);
    CHECK(world.count_sent("PATCH", std::string("/nodes/") + name, from) == 2);
  }
  CHECK(world.count_sent("POST", "", from) == 0);
}

TEST_CASE("the nodes do not all renew at the same instant") {
  KubeletWorld world(10);
  world.run_for(60s);
  std::set<Instant> instants;
  for (const auto& one : world.transport.sent) {
    if (one.method == "PUT" && one.at < Instant(20s)) instants.insert(one.at);
  }
  CHECK(instants.size() >= 9);
}

TEST_CASE("registration is tried again while the hub is away") {
  apiserver::HubFixture hub;
  http::DirectTransport direct(
      hub.env.child("kubelets"), [&](http::Request request) { return hub.hub->handle(std::move(request)); },
      apiserver::HubFixture::make_peer("system:kubeloop:kubelet-sim", {}), 200us);
  direct.cut();
  RecordingTransport transport(direct, hub.loop);
  KubeletSim sim(hub.env.child("kubelet-sim"), transport, Options::with_nodes(1));
  TaskGroup tasks(hub.env);
  tasks.spawn("sim", sim.run());
  hub.loop.run_until(Instant(20s));
  std::vector<Instant> tries;
  for (const auto& one : transport.sent) {
    if (one.method == "POST" && one.target.starts_with("/api/v1/nodes")) tries.push_back(one.at);
  }
  // 100 ms doubling, at most 7 s.
  REQUIRE(tries.size() >= 8);
  const std::vector<Duration> waits = {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 7s};
  for (std::size_t i = 0; i + 1 < std::min(tries.size(), waits.size() + 1); ++i)
    CHECK(tries[i + 1] - tries[i] == waits[i]);
  direct.restore();
  hub.loop.run_until(Instant(40s));
  CHECK(hub.get("/api/v1/nodes/node-1").code == 200);
  tasks.spawn("stop", sim.stop());
  hub.loop.run_until(Instant(45s));
  CHECK(tasks.live() == 0);
}

TEST_CASE("a stopped node is silent; started again it reports Ready over an Unknown condition") {
  KubeletWorld world(2);
  world.run_for(30s);
  REQUIRE(world.sim->stop_node("node-1").has_value());
  CHECK_FALSE(world.sim->is_node_running("node-1"));
  Instant from = world.hub.loop.now() + 1ms;
  world.run_for(60s);
  CHECK(world.count_sent("PUT", "/leases/node-1", from) == 0);
  CHECK(world.count_sent("PUT", "/leases/node-2", from) == 6);
  // What node-lifecycle would write.
  Json unknown{{"type", "Ready"}, {"status", "Unknown"}, {"reason", "NodeStatusUnknown"}};
  auto marked =
      world.hub.patch("/api/v1/nodes/node-1/status", Json{{"status", {{"conditions", Json::array({unknown})}}}});
  REQUIRE(marked.code == 200);
  REQUIRE(KubeletWorld::condition(world.node(), "Ready") == "Unknown");
  REQUIRE(world.sim->start_node("node-1").has_value());
  CHECK(world.run_until(1s, [&] { return KubeletWorld::condition(world.node(), "Ready") == "True"; }));
  world.run_for(60s);
  CHECK(world.count_sent("PUT", "/leases/node-1", from) >= 6);
  CHECK(world.sim->stop_node("node-9").error().code == 404);
  CHECK(world.sim->start_node("node-9").error().code == 404);
}

TEST_CASE("a pulled image shows in the node's status at the next status period") {
  KubeletWorld world;
  world.run_for(2s);
  world.give_network();
  world.create_pod(world.pod_body("web", "nginx:1.29", "node-1"));
  world.run_for(25s);
  auto images = world.node()["status"]["images"];
  REQUIRE(images.size() == 2);
  CHECK(images[0]["names"][1] == "docker.io/library/nginx:1.29");
  CHECK(images[0]["sizeBytes"] == 72'000'000);
}

TEST_CASE("nodes can be stopped, started and added over the process's own port") {
  KubeletWorld world;
  world.run_for(1s);
  auto handler = node_control_handler(*world.sim);
  auto ask = [&](const std::string& method, const std::string& target) {
    std::optional<http::Response> answer;
    TaskGroup tasks(world.hub.env);
    auto keep = [](awaitable<http::Response> call, std::optional<http::Response>* out) -> awaitable<void> {
      auto value = co_await std::move(call);
      out->emplace(std::move(value));
    };
    tasks.spawn("ask", keep(handler(http::Request(method, target)), &answer));
    world.run_for(10ms);
    REQUIRE(answer.has_value());
    return answer->code;
  };
  CHECK(ask("POST", "/kubeloop/v1/nodes/node-1/stop") == 200);
  CHECK_FALSE(world.sim->is_node_running("node-1"));
  CHECK(ask("POST", "/kubeloop/v1/nodes/node-1/start") == 200);
  CHECK(world.sim->is_node_running("node-1"));
  CHECK(ask("POST", "/kubeloop/v1/nodes/node-7/stop") == 404);
  CHECK(ask("POST", "/kubeloop/v1/nodes/node-7/start") == 200);
  CHECK(ask("GET", "/kubeloop/v1/nodes/node-1/stop") == 405);
  CHECK(ask("GET", "/kubeloop/v1/nodes") == 200);
  CHECK(ask("GET", "/elsewhere") == 404);
  world.run_for(1s);
  CHECK(KubeletWorld::condition(world.node("node-7"), "Ready") == "True");
}

}  // namespace kubeloop::kubelet_sim
