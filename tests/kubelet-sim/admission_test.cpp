// What a node refuses, in the exact words. Source: reference A4.
#include <doctest/doctest.h>

#include "kubelet-sim/node/admission.hpp"

namespace kubeloop::kubelet_sim {
namespace {

const api::StringMap kAllocatable = {{"cpu", "4"}, {"memory", "8Gi"}, {"pods", "3"}, {"ephemeral-storage", "100Gi"}};

api::Pod pod_asking(api::StringMap requests) {
  api::Pod pod;
  api::Container container;
  container.name = "c";
  container.resources.requests = std::move(requests);
  pod.spec.containers.push_back(container);
  return pod;
}

api::Node node() {
  api::Node result;
  result.metadata.name = "node-1";
  result.metadata.labels = {{"disk", "ssd"}, {"cores", "8"}};
  return result;
}

std::string verdict(const api::Pod& pod, const std::vector<const api::Pod*>& others = {},
                    const api::Node& on = node()) {
  auto refused = check_admission(pod, others, on, kAllocatable);
  return refused ? refused->reason + ": " + refused->message : "";
}

}  // namespace

TEST_CASE("resources") {
  auto three = pod_asking({{"cpu", "3"}, {"memory", "1Gi"}});
  auto two = pod_asking({{"cpu", "1500m"}});
  CHECK(verdict(three) == "");
  CHECK(verdict(two, {&three}) ==
        "OutOfcpu: Node didn't have enough resource: cpu, requested: 1500, used: 3000, capacity: 4000");
  CHECK(verdict(pod_asking({{"memory", "9Gi"}})) ==
        "OutOfmemory: Node didn't have enough resource: memory, requested: 9663676416, used: 0, capacity: 8589934592");
  CHECK(verdict(pod_asking({{"example.com/gpu", "1"}})) ==
        "OutOfexample.com/gpu: Node didn't have enough resource: example.com/gpu, requested: 1, used: 0, capacity: 0");
  auto small = pod_asking({});
  CHECK(verdict(small, {&small, &small, &small}) ==
        "OutOfpods: Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3");
}

TEST_CASE("an init container counts when it needs more than the rest together; a sidecar counts with them") {
  auto pod = pod_asking({{"cpu", "3"}});
  api::Container init;
  init.name = "i";
  init.resources.requests = {{"cpu", "4"}};
  pod.spec.initContainers.push_back(init);
  CHECK(verdict(pod) == "");
  pod.spec.initContainers[0].restartPolicy = "Always";
  CHECK(verdict(pod) == "OutOfcpu: Node didn't have enough resource: cpu, requested: 7000, used: 0, capacity: 4000");
}

TEST_CASE("selector, affinity, ports, taints") {
  const std::string affinity =
      "NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
  auto pod = pod_asking({});
  pod.spec.nodeSelector = {{"disk", "ssd"}};
  CHECK(verdict(pod) == "");
  pod.spec.nodeSelector = {{"disk", "hdd"}};
  CHECK(verdict(pod) == affinity);

  auto choosy = pod_asking({});
  api::NodeSelectorRequirement wanted;
  wanted.key = "cores";
  wanted.operator_ = "Gt";
  wanted.values = {"4"};
  api::NodeSelectorTerm term;
  term.matchExpressions.push_back(wanted);
  api::NodeSelector selector;
  selector.nodeSelectorTerms.push_back(term);
  api::Affinity all;
  all.nodeAffinity.emplace().requiredDuringSchedulingIgnoredDuringExecution = selector;
  choosy.spec.affinity = all;
  CHECK(verdict(choosy) == "");
  choosy.spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution->nodeSelectorTerms[0]
      .matchExpressions[0]
      .values = {"8"};
  CHECK(verdict(choosy) == affinity);

  auto server = pod_asking({});
  api::ContainerPort port;
  port.containerPort = port.hostPort = 8080;
  server.spec.containers[0].ports.push_back(port);
  CHECK(verdict(server) == "");
  CHECK(verdict(server, {&server}) ==
        "NodePorts: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports");

  auto tainted = node();
  api::Taint taint;
  taint.key = "dedicated";
  taint.effect = "NoSchedule";
  tainted.spec.taints.push_back(taint);
  // A pod that was bound past a NoSchedule taint runs.
  CHECK(verdict(pod_asking({}), {}, tainted) == "");
  tainted.spec.taints[0].effect = "NoExecute";
  CHECK(verdict(pod_asking({}), {}, tainted) ==
        "TaintToleration: Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate");
  auto tolerant = pod_asking({});
  api::Toleration toleration;
  toleration.key = "dedicated";
  toleration.operator_ = "Exists";
  tolerant.spec.tolerations.push_back(toleration);
  CHECK(verdict(tolerant, {}, tainted) == "");
}

}  // namespace kubeloop::kubelet_sim
