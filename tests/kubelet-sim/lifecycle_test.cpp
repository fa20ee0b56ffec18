// What golden sequences cannot show: counts, back-off over time, taking over after a restart, foreign writes.
#include <doctest/doctest.h>

#include <algorithm>

#include "kubelet-sim/lifecycle/status_patch.hpp"
#include "tests/kubelet-sim/lifecycle_bench.hpp"

namespace kubeloop::kubelet_sim {
namespace {

api::Pod pod_with(const std::string& image, std::vector<std::string> command = {}) {
  api::Pod pod;
  api::Container container;
  container.name = "c";
  container.image = image;
  container.command = std::move(command);
  pod.spec.containers.push_back(container);
  pod.spec.restartPolicy = "Always";
  return pod;
}

std::vector<std::string> lines_with(const LifecycleBench& bench, const std::string& part) {
  std::vector<std::string> found;
  std::ranges::copy_if(bench.lines(), std::back_inserter(found),
                       [&](const auto& line) { return line.find(part) != std::string::npos; });
  return found;
}

std::vector<std::int64_t> restart_seconds(const LifecycleBench& bench) {
  std::vector<std::int64_t> times;
  for (const auto& start : bench.runtime.starts()) {
    times.push_back(std::chrono::duration_cast<std::chrono::seconds>(start.at.time_since_epoch()).count());
  }
  return times;
}

}  // namespace

TEST_CASE("a container that ends at once is restarted after 0, 10, 20, 40, 80, 160, 300 s") {
  LifecycleBench bench(pod_with("busybox:1.36", {"false"}));
  bench.run_until(20min);
  auto times = restart_seconds(bench);
  REQUIRE(times.size() >= 9);
  // The first start is at 1 s; the end is noticed within a second, each wait counts from the end.
  const std::vector<std::int64_t> waits = {1, 10, 20, 40, 80, 160, 300, 300};
  for (std::size_t i = 0; i < waits.size(); ++i) {
    auto gap = times[i + 1] - times[i];
    CHECK_MESSAGE((gap >= waits[i] && gap <= waits[i] + 1), "restart " << i + 1 << " after " << gap << " s");
  }
  CHECK(bench.pod().status.containerStatuses[0].restartCount == static_cast<std::int64_t>(times.size()) - 1);
  CHECK(bench.pod().status.containerStatuses[0].state.waiting->message ==
        "back-off 5m0s restarting failed container=c pod=web_default(uid-1)");
  CHECK(bench.pod().status.phase == "Running");
}

TEST_CASE("a container that ran ten minutes starts over with its back-off") {
  auto pod = pod_with("busybox:1.36");
  pod.metadata.annotations["kubeloop.dev/run"] = "1s exit 1 x3, 11m exit 1, 1s exit 1";
  LifecycleBench bench(std::move(pod));
  bench.run_until(13min);
  auto times = restart_seconds(bench);
  // Starts: 1, ~2 (at once), ~13, ~34 (this one runs 660 s), then at once again.
  REQUIRE(times.size() >= 5);
  CHECK(times[3] - times[2] >= 20);
  CHECK(times[4] - times[3] >= 660);
  CHECK(times[4] - times[3] <= 662);
}

TEST_CASE("requeue jitter delays a restart by half at most") {
  LifecycleBench bench(pod_with("busybox:1.36", {"false"}));
  bench.timings.requeue_jitter_percent = 50;
  bench.run_until(60s);
  auto times = restart_seconds(bench);
  REQUIRE(times.size() >= 3);
  CHECK(times[2] - times[1] >= 10);
  CHECK(times[2] - times[1] <= 16);
}

TEST_CASE("a pod that just runs writes two statuses and then nothing") {
  LifecycleBench bench(pod_with("nginx:1.29"));
  bench.run_until(std::chrono::hours(2));
  CHECK(bench.status_writes == 2);
  const auto& status = bench.pod().status;
  CHECK(status.podIP == "10.128.1.2");
  CHECK(status.podIPs.at(0).ip == "10.128.1.2");
  CHECK(status.hostIP == "172.18.0.1");
  CHECK(status.startTime == "2026-01-01T00:00:00Z");
  CHECK(status.observedGeneration == 1);
  const auto& container = status.containerStatuses.at(0);
  CHECK(container.image == "docker.io/library/nginx:1.29");
  CHECK(container.imageID.starts_with("docker.io/library/nginx@sha256:"));
  CHECK(container.containerID.size() == std::string("containerd://").size() + 64);
  CHECK(container.state.running->startedAt == "2026-01-01T00:00:02Z");
}

TEST_CASE("somebody else's Ready=False is set right again") {
  LifecycleBench bench(pod_with("nginx:1.29"));
  bench.plan(1min, [](api::Pod& pod) {
    for (auto& condition : pod.status.conditions) {
      if (condition.type == "Ready") condition.status = "False";
    }
  });
  bench.run_until(2min);
  CHECK(bench.status_writes == 3);
  CHECK(api::find_condition(bench.pod().status.conditions, "Ready")->status == "True");
}

TEST_CASE("a status write that fails is repeated") {
  LifecycleBench bench(pod_with("nginx:1.29"));
  bench.fails_status_writes = true;
  bench.run_until(35s);
  CHECK(bench.status_writes >= 4);
  CHECK(bench.status_writes <= 7);
  CHECK(bench.pod().status.phase == "Pending");
  bench.fails_status_writes = false;
  bench.run_until(60s);
  CHECK(bench.pod().status.phase == "Running");
}

TEST_CASE("a pod without a network waits and says so") {
  LifecycleBench bench(pod_with("nginx:1.29"));
  bench.runtime.set_pod_cidr("node-1", "");
  bench.plan(3500ms, [&](api::Pod&) { bench.runtime.set_pod_cidr("node-1", "10.128.7.0/24"); });
  bench.run_until(20s);
  auto events = lines_with(bench, "NetworkNotReady");
  CHECK(events.size() == 4);
  CHECK(events.at(0) ==
        "0s event Warning NetworkNotReady: network is not ready: container runtime network not ready: "
        "NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not "
        "initialized");
  CHECK(bench.pod().status.podIP == "10.128.7.2");
}

TEST_CASE("a host-network pod has the node's address and needs no network") {
  auto pod = pod_with("nginx:1.29");
  pod.spec.hostNetwork = true;
  LifecycleBench bench(std::move(pod));
  bench.runtime.set_pod_cidr("node-1", "");
  bench.run_until(10s);
  CHECK(bench.pod().status.phase == "Running");
  CHECK(bench.pod().status.podIP == "172.18.0.1");
}

TEST_CASE("a refused pod fails with the node's reason and never starts") {
  LifecycleBench bench(pod_with("nginx:1.29"));
  Rejection refused;
  refused.reason = "OutOfcpu";
  refused.message = "Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000";
  bench.rejection = refused;
  bench.run_until(1min);
  CHECK(bench.pod().status.phase == "Failed");
  CHECK(bench.pod().status.reason == "OutOfcpu");
  CHECK(bench.pod().status.message == "Pod was rejected: " + refused.message);
  CHECK(bench.status_writes == 1);
  CHECK(bench.runtime.starts().empty());
  CHECK(bench.lines().front() == "0s event Warning OutOfcpu: " + refused.message);
}

TEST_CASE("after a restart of the process a running pod is found running") {
  LifecycleBench first(pod_with("busybox:1.36", {"sleep", "100"}));
  first.run_until(30s);
  api::Pod found = first.pod();
  LifecycleBench second(found);
  WallTime wall = *api::parse_time("2026-01-01T00:00:30Z");
  second.runtime.adopt("node-1", found, Instant(30s), wall);
  second.start_at(30s);
  second.run_until(99s);
  CHECK(second.status_writes == 0);
  CHECK(second.runtime.starts().empty());
  // Its end comes when it would have come: started at 1 s, runs 100 s.
  second.run_until(100s);
  CHECK(second.status_writes == 0);
  second.run_until(103s);
  CHECK(second.pod().status.containerStatuses.at(0).restartCount == 1);
  CHECK(second.pod().status.containerStatuses.at(0).lastState.terminated->exitCode == 0);
}

TEST_CASE("a pod being deleted when the process starts again is finished off") {
  LifecycleBench first(pod_with("nginx:1.29"));
  first.run_until(30s);
  api::Pod found = first.pod();
  found.metadata.deletionTimestamp = "2026-01-01T00:00:50Z";
  found.metadata.deletionGracePeriodSeconds = 30;
  LifecycleBench second(found);
  second.runtime.adopt("node-1", found, Instant{}, *api::parse_time("2026-01-01T00:00:30Z"));
  second.run_until(1min);
  CHECK(lines_with(second, "Killing").size() == 1);
  CHECK(lines_with(second, "delete").size() == 1);
  CHECK(second.lines().back().ends_with("finished"));
}

TEST_CASE("a container whose image changes is restarted in place") {
  LifecycleBench bench(pod_with("nginx:1.28"));
  bench.plan(10s, [](api::Pod& pod) {
    pod.spec.containers[0].image = "nginx:1.29";
    ++pod.metadata.generation;
  });
  bench.run_until(1min);
  CHECK(lines_with(bench, "Container c definition changed, will be restarted").size() == 1);
  CHECK(bench.pod().status.containerStatuses.at(0).image == "docker.io/library/nginx:1.29");
  CHECK(bench.pod().status.containerStatuses.at(0).restartCount == 1);
  CHECK(bench.pod().status.observedGeneration == 2);
}

TEST_CASE("a patch holds only what changed, with nulls for what went") {
  api::PodStatus before, after;
  before.phase = after.phase = "Running";
  api::Condition ready;
  ready.type = "Ready";
  ready.status = "False";
  ready.reason = "ContainersNotReady";
  ready.lastTransitionTime = "2026-01-01T00:00:00Z";
  before.conditions.push_back(ready);
  ready.status = "True";
  ready.reason = "";
  after.conditions.push_back(ready);
  before.reason = "x";
  CHECK(status_patch("u1", before, after) ==
        R"({"metadata":{"uid":"u1"},"status":{"$setElementOrder/conditions":[{"type":"Ready"}],)"
        R"("conditions":[{"reason":null,"status":"True","type":"Ready"}],"reason":null}})");
  CHECK(is_same_status(after, after));
  CHECK_FALSE(is_same_status(before, after));
  // Other parties' conditions are none of our business.
  api::PodStatus foreign = after;
  api::Condition gate;
  gate.type = "example.com/lb";
  gate.status = "True";
  foreign.conditions.push_back(gate);
  CHECK(is_same_status(after, foreign));
}

}  // namespace kubeloop::kubelet_sim
