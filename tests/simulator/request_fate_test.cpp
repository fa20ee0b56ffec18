// What becomes of single requests under faults.
#include "simulator/faults/request_fate.hpp"

#include <doctest/doctest.h>

namespace kubeloop::simulator {
namespace {

using End = RequestFate::End;

TEST_CASE("the resource of a request, wherever it stands in the path") {
  auto resource_of = [](std::string_view target) { return std::string(facts_of("GET", target, "").resource); };
  CHECK(resource_of("/api/v1/pods") == "pods");
  CHECK(resource_of("/api/v1/pods?watch=true&resourceVersion=3") == "pods");
  CHECK(resource_of("/api/v1/namespaces/default/pods") == "pods");
  CHECK(resource_of("/api/v1/namespaces/default/pods/web") == "pods");
  CHECK(resource_of("/api/v1/namespaces/default/pods/web/status") == "pods");
  CHECK(resource_of("/api/v1/namespaces/default/pods/web/binding?dryRun=All") == "pods");
  CHECK(resource_of("/apis/apps/v1/namespaces/default/deployments/web/scale") == "deployments");
  CHECK(resource_of("/apis/apps/v1/replicasets") == "replicasets");
  CHECK(resource_of("/api/v1/nodes/node-1") == "nodes");
  CHECK(resource_of("/api/v1/namespaces") == "namespaces");
  CHECK(resource_of("/api/v1/namespaces/default") == "namespaces");
  CHECK(resource_of("/api/v1/namespaces/default/status") == "namespaces");
  CHECK(resource_of("/api/v1/namespaces/default/finalize") == "namespaces");
  CHECK(resource_of("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x") == "leases");
  for (const char* none : {"", "/", "/healthz", "/version", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1",
                           "/openapi/v3/api/v1", "/kubeloop/flow"}) {
    CHECK_MESSAGE(resource_of(none) == "", none);
  }
}

TEST_CASE("watches, heartbeats and the kubelet that sends them") {
  auto watch = facts_of("GET", "/api/v1/pods?allowWatchBookmarks=true&watch=true", "");
  CHECK(watch.is_watch);
  CHECK(watch.method == "GET");
  CHECK(watch.node == "");
  CHECK_FALSE(facts_of("GET", "/api/v1/pods", "").is_watch);
  auto lease =
      facts_of("PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-2", "system:node:node-2");
  CHECK(lease.is_heartbeat);
  CHECK(lease.node == "node-2");
  CHECK(facts_of("PATCH", "/api/v1/nodes/node-2/status", "system:node:node-2").is_heartbeat);
  CHECK(facts_of("PATCH", "/api/v1/nodes/node-2/status?fieldManager=x", "").is_heartbeat);
  CHECK_FALSE(facts_of("PATCH", "/api/v1/nodes/node-2", "system:node:node-2").is_heartbeat);
  CHECK_FALSE(facts_of("PATCH", "/api/v1/namespaces/default/pods/web/status", "system:node:node-2").is_heartbeat);
  CHECK(facts_of("GET", "/api/v1/pods", "system:kube-scheduler").node == "");
}

Fault fault_of(FaultKind kind, std::uint32_t permille = 1000) {
  Fault fault;
  fault.kind = kind;
  fault.target = info_of(kind).area == FaultArea::kNode ? "node-1" : "scheduler";
  fault.permille = permille;
  fault.amount = 3s;
  return fault;
}

RequestFate fate_of(const Fault& fault, std::string_view method, std::string_view target, std::string_view user = "") {
  Rng rng(1);
  return decide_fate({{1, fault}}, facts_of(method, target, user), rng);
}

const char* const kPod = "/api/v1/namespaces/default/pods/web";

TEST_CASE("each kind does what its name says") {
  CHECK(fate_of(fault_of(FaultKind::kTooManyRequests), "GET", kPod).code == 429);
  CHECK(fate_of(fault_of(FaultKind::kServerError), "POST", kPod).code == 500);
  CHECK(fate_of(fault_of(FaultKind::kConflict), "PUT", kPod).code == 409);
  CHECK(fate_of(fault_of(FaultKind::kConflict), "PATCH", kPod).code == 409);
  for (const char* method : {"GET", "POST", "DELETE"}) {
    CHECK(fate_of(fault_of(FaultKind::kConflict), method, kPod).end == End::kPass);
  }
  CHECK(fate_of(fault_of(FaultKind::kLostRequest), "GET", kPod).end == End::kLost);
  CHECK(fate_of(fault_of(FaultKind::kLostReply), "GET", kPod).end == End::kReplyLost);
  auto late = fate_of(fault_of(FaultKind::kDelay), "GET", kPod);
  CHECK(late.end == End::kPass);
  CHECK(late.delay > Duration::zero());
  CHECK(late.delay <= 3s);
  CHECK(fate_of(fault_of(FaultKind::kWatchExpire), "GET", "/api/v1/pods?watch=true").code == 410);
  CHECK(fate_of(fault_of(FaultKind::kWatchExpire), "GET", "/api/v1/pods").end == End::kPass);
  for (auto kind : {FaultKind::kWatchDelay, FaultKind::kWatchSkip, FaultKind::kWatchCut, FaultKind::kFreeze,
                    FaultKind::kDiskFull}) {
    CHECK(fate_of(fault_of(kind), "GET", "/api/v1/pods?watch=true").end == End::kPass);
  }
}

TEST_CASE("faults of a node concern its kubelet alone") {
  const char* user = "system:node:node-1";
  CHECK(fate_of(fault_of(FaultKind::kNodePartition), "PATCH", kPod, user).end == End::kLost);
  CHECK(fate_of(fault_of(FaultKind::kNodePartition), "PATCH", kPod, "system:node:node-2").end == End::kPass);
  CHECK(fate_of(fault_of(FaultKind::kNodePartition), "PATCH", kPod).end == End::kPass);
  CHECK(fate_of(fault_of(FaultKind::kSlowHeartbeats), "PATCH", kPod, user).delay == Duration::zero());
  CHECK(fate_of(fault_of(FaultKind::kSlowHeartbeats), "PATCH", "/api/v1/nodes/node-1/status", user).delay >
        Duration::zero());
}

TEST_CASE("only the resource that is named, and nothing that is none") {
  auto fault = fault_of(FaultKind::kServerError);
  CHECK(fate_of(fault, "GET", "/healthz").end == End::kPass);
  fault.resource = "pods";
  CHECK(fate_of(fault, "GET", kPod).code == 500);
  CHECK(fate_of(fault, "GET", "/api/v1/nodes/node-1").end == End::kPass);
}

TEST_CASE("a share of the requests is that share") {
  auto facts = facts_of("PUT", kPod, "");
  for (auto kind : {FaultKind::kDelay, FaultKind::kConflict, FaultKind::kTooManyRequests, FaultKind::kServerError,
                    FaultKind::kLostRequest, FaultKind::kLostReply}) {
    Rng rng(5);
    int hit = 0;
    for (int i = 0; i < 10'000; ++i) {
      auto fate = decide_fate({{1, fault_of(kind, 300)}}, facts, rng);
      if (fate.end != End::kPass || fate.delay > Duration::zero()) ++hit;
    }
    // Five standard deviations: sqrt(10,000 * 0.3 * 0.7) = 46.
    CHECK_MESSAGE(hit > 2770, info_of(kind).name);
    CHECK_MESSAGE(hit < 3230, info_of(kind).name);
  }
}

TEST_CASE("delays add up, and the first that ends a request decides") {
  Rng rng(2);
  auto slow = fault_of(FaultKind::kDelay);
  slow.amount = 1ns;
  ActiveFaults faults = {
      {1, slow}, {2, slow}, {3, fault_of(FaultKind::kServerError)}, {4, slow}, {5, fault_of(FaultKind::kLostReply)}};
  auto fate = decide_fate(faults, facts_of("GET", kPod, ""), rng);
  CHECK(fate.delay == 2ns);
  CHECK(fate.code == 500);
  CHECK(fate.end == End::kAnswer);
}

}  // namespace
}  // namespace kubeloop::simulator
