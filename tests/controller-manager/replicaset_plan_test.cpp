// The decisions of the ReplicaSet controller as tables. Expected values:
// ActivePodsWithRanks, slowStartBatch and calculateStatus in Kubernetes.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "controller-manager/controllers/replicaset/deletion_ranking.hpp"
#include "controller-manager/controllers/replicaset/plan.hpp"
#include "controller-manager/expectations.hpp"
#include "controller-manager/parallel_writes.hpp"
#include "libs/api/time.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

using PodPtr = OwnedPods::Ptr;
using Strings = std::vector<std::string>;

WallTime at(std::string_view text) {
  return *api::parse_time(text);
}
const WallTime kNow = at("2026-01-01T01:00:00Z");

std::string ago(int seconds) {
  return api::format_time(kNow - std::chrono::seconds(seconds));
}

// Running and ready on node n for 100 s, made 200 s ago; a change makes it different.
struct PodMaker {
  api::Pod pod;

  explicit PodMaker(const std::string& name) {
    pod.metadata.name = name;
    pod.metadata.namespace_ = "default";
    pod.metadata.uid = "uid-" + name;
    pod.metadata.creationTimestamp = ago(200);
    pod.metadata.labels["app"] = "web";
    pod.spec.nodeName = "n";
    pod.status.phase = "Running";
    ready(true, 100);
  }
  PodMaker& node(std::string name) {
    pod.spec.nodeName = std::move(name);
    return *this;
  }
  PodMaker& phase(std::string value) {
    pod.status.phase = std::move(value);
    return *this;
  }
  PodMaker& ready(bool is_ready, int seconds) {
    api::Condition condition;
    condition.type = "Ready";
    condition.status = is_ready ? "True" : "False";
    condition.lastTransitionTime = ago(seconds);
    pod.status.conditions = {condition};
    return *this;
  }
  PodMaker& cost(std::string value) {
    pod.metadata.annotations["controller.kubernetes.io/pod-deletion-cost"] = std::move(value);
    return *this;
  }
  PodMaker& restarts(int count) {
    api::ContainerStatus status;
    status.name = "c";
    status.restartCount = count;
    pod.status.containerStatuses = {status};
    return *this;
  }
  PodMaker& sidecar_restarts(int count) {
    api::Container sidecar, init;
    sidecar.name = "side";
    sidecar.restartPolicy = "Always";
    init.name = "init";
    pod.spec.initContainers = {sidecar, init};
    api::ContainerStatus status, other;
    status.name = "side";
    status.restartCount = count;
    other.name = "init";
    other.restartCount = 100;  // an ordinary init container does not count
    pod.status.initContainerStatuses = {status, other};
    return *this;
  }
  PodMaker& age(int seconds) {
    pod.metadata.creationTimestamp = ago(seconds);
    return *this;
  }
  PodMaker& label(std::string key, std::string value) {
    pod.metadata.labels[std::move(key)] = std::move(value);
    return *this;
  }
  PodMaker& owner(std::string uid) {
    api::OwnerReference reference;
    reference.apiVersion = "apps/v1";
    reference.kind = "ReplicaSet";
    reference.name = "set";
    reference.uid = std::move(uid);
    reference.controller = true;
    pod.metadata.ownerReferences = {reference};
    return *this;
  }
  PodMaker& deleting() {
    pod.metadata.deletionTimestamp = ago(0);
    return *this;
  }
  operator PodPtr() const { return std::make_shared<const api::Pod>(pod); }
};

api::ReplicaSet replica_set(std::int64_t replicas, std::int64_t min_ready = 0) {
  api::ReplicaSet set;
  set.metadata.name = "set";
  set.metadata.namespace_ = "default";
  set.metadata.uid = "set-uid";
  set.metadata.generation = 3;
  set.spec.replicas = replicas;
  set.spec.minReadySeconds = min_ready;
  set.spec.selector.matchLabels["app"] = "web";
  set.spec.template_.text =
      R"({"metadata":{"labels":{"app":"web","tier":"front"},"annotations":{"a":"b"},"finalizers":["x/y"],)"
      R"("name":"ignored","creationTimestamp":null},"spec":{"containers":[{"name":"c","image":"nginx"}]}})";
  return set;
}

std::string first_to_go(const PodMaker& a, const PodMaker& b, std::map<std::string, std::int64_t> neighbours = {}) {
  std::string names;
  // The order in which they come must not matter.
  for (bool is_swapped : {false, true}) {
    std::vector<PodPtr> pods = is_swapped ? std::vector<PodPtr>{b, a} : std::vector<PodPtr>{a, b};
    names += pods_to_delete(std::move(pods), 1, neighbours, kNow).front()->metadata.name;
  }
  return names;
}

}  // namespace

TEST_CASE("who goes first: each rule decides when all before it are equal") {
  PodMaker plain("plain");
  CHECK(first_to_go(plain, PodMaker("z").node("")) == "zz");
  CHECK(first_to_go(PodMaker("z").phase("Unknown"), PodMaker("a").phase("Pending")) == "aa");
  CHECK(first_to_go(plain, PodMaker("z").phase("Unknown")) == "zz");
  CHECK(first_to_go(plain, PodMaker("z").ready(false, 1)) == "zz");
  CHECK(first_to_go(plain, PodMaker("z").cost("-1")) == "zz");
  CHECK(first_to_go(PodMaker("a").cost("10"), PodMaker("z").cost("9")) == "zz");
  CHECK(first_to_go(PodMaker("a").cost("010"), PodMaker("z").cost("5")) == "aa");  // malformed is 0
  CHECK(first_to_go(plain, PodMaker("z").node("m"), {{"n", 1}, {"m", 2}}) == "zz");
  CHECK(first_to_go(PodMaker("a").ready(true, 300), PodMaker("z").ready(true, 100)) == "zz");
  CHECK(first_to_go(plain, PodMaker("z").restarts(1)) == "zz");
  CHECK(first_to_go(PodMaker("a").sidecar_restarts(1), PodMaker("z").sidecar_restarts(2)) == "zz");
  CHECK(first_to_go(PodMaker("a").age(3000), PodMaker("z")) == "zz");
  CHECK(first_to_go(PodMaker("a"), PodMaker("z")) == "aa");
}

TEST_CASE("an earlier rule outweighs all later ones") {
  CHECK(first_to_go(PodMaker("a").node("").cost("100"), PodMaker("z").phase("Pending").cost("-100")) == "aa");
  CHECK(first_to_go(PodMaker("a").phase("Pending").cost("100"), PodMaker("z").ready(false, 1)) == "aa");
  CHECK(first_to_go(PodMaker("a").ready(false, 1).cost("100"), PodMaker("z").cost("-100")) == "aa");
  CHECK(first_to_go(PodMaker("a").cost("-1"), PodMaker("z").node("m"), {{"m", 9}}) == "aa");
}

TEST_CASE("times count in powers of two: 100 s and 120 s are alike, 100 s and 300 s are not") {
  // 2^36 ns = 68.7 s, 2^37 = 137 s, 2^38 = 275 s.
  CHECK(first_to_go(PodMaker("a").ready(true, 120), PodMaker("z").ready(true, 100)) == "aa");
  CHECK(first_to_go(PodMaker("a").ready(true, 300), PodMaker("z").ready(true, 100)) == "zz");
  CHECK(first_to_go(PodMaker("a").age(270), PodMaker("z").age(140)) == "aa");
  CHECK(first_to_go(PodMaker("a").age(280), PodMaker("z").age(270)) == "zz");
}

TEST_CASE("as many go as asked for, all when there are no more") {
  std::vector<PodPtr> pods = {PodMaker("a"), PodMaker("b"), PodMaker("c").node(""), PodMaker("d").phase("Pending")};
  Strings names;
  for (const auto& pod : pods_to_delete(pods, 3, {}, kNow)) names.push_back(pod->metadata.name);
  CHECK(names == Strings{"c", "d", "a"});
  CHECK(pods_to_delete(pods, 9, {}, kNow).size() == 4);
}

TEST_CASE("slow start doubles") {
  using Batches = std::vector<std::int64_t>;
  CHECK(slow_start_batches(0) == Batches{});
  CHECK(slow_start_batches(1) == Batches{1});
  CHECK(slow_start_batches(3) == Batches{1, 2});
  CHECK(slow_start_batches(5) == Batches{1, 2, 2});
  CHECK(slow_start_batches(500) == Batches{1, 2, 4, 8, 16, 32, 64, 128, 245});
}

TEST_CASE("no more than 500 pods are made or deleted in one turn") {
  CHECK(plan_replicas(replica_set(3), 0) == 3);
  CHECK(plan_replicas(replica_set(3), 3) == 0);
  CHECK(plan_replicas(replica_set(3), 5) == -2);
  CHECK(plan_replicas(replica_set(10000), 9800) == 200);
  CHECK(plan_replicas(replica_set(10000), 100) == 500);
  CHECK(plan_replicas(replica_set(0), 10000) == -500);
}

TEST_CASE("a pod from the template: labels, annotations and finalizers go along, the set is its controller") {
  auto pod = json::parse(*pod_from_template(replica_set(1)));
  CHECK(pod["kind"] == "Pod");
  CHECK(pod["spec"] == json::parse(R"({"containers":[{"name":"c","image":"nginx"}]})"));
  CHECK(pod["metadata"] == json::parse(R"({"generateName":"set-","labels":{"app":"web","tier":"front"},
    "annotations":{"a":"b"},"finalizers":["x/y"],"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet",
    "name":"set","uid":"set-uid","controller":true,"blockOwnerDeletion":true}]})"));
  auto broken = replica_set(1);
  broken.spec.template_.text = "";
  CHECK_FALSE(pod_from_template(broken).has_value());
}

TEST_CASE("the status is written when it says something new, and zeros are left out") {
  auto set = replica_set(3);
  ReplicaCounts counts;
  auto first = plan_status(set, counts, nullptr, kNow);
  REQUIRE(first);
  CHECK(json::parse(*first) == json::parse(R"({"metadata":{"uid":"set-uid"},"status":{"replicas":0,
    "fullyLabeledReplicas":null,"readyReplicas":null,"availableReplicas":null,"terminatingReplicas":0,
    "observedGeneration":3}})"));
  set.status.observedGeneration = 3;
  set.status.terminatingReplicas = 0;
  CHECK_FALSE(plan_status(set, counts, nullptr, kNow));
  counts.active = counts.ready = 2;
  CHECK(json::parse(*plan_status(set, counts, nullptr, kNow))["status"]["readyReplicas"] == 2);
}

TEST_CASE("ReplicaFailure comes with the first failure and goes with the first success") {
  auto set = replica_set(3);
  ReplicaCounts counts;
  Status trouble(403, "Forbidden", "exceeded quota");
  auto failed = json::parse(*plan_status(set, counts, &trouble, kNow));
  CHECK(failed["status"]["conditions"] ==
        json::parse(R"([{"type":"ReplicaFailure","status":"True","reason":"FailedCreate","message":"exceeded quota",
    "lastTransitionTime":"2026-01-01T01:00:00Z"}])"));
  counts.active = 5;
  failed = json::parse(*plan_status(set, counts, &trouble, kNow));
  CHECK(failed["status"]["conditions"][0]["reason"] == "FailedDelete");
  api::Condition condition;
  condition.type = "ReplicaFailure";
  condition.status = "True";
  set.status.conditions = {condition};
  set.status.observedGeneration = 3;
  set.status.terminatingReplicas = 0;
  set.status.replicas = 5;
  CHECK_FALSE(plan_status(set, counts, &trouble, kNow));
  CHECK(json::parse(*plan_status(set, counts, nullptr, kNow))["status"]["conditions"].is_null());
}

TEST_CASE("the tally: what counts, what is to be adopted, what is to be released") {
  OwnedPods index;
  auto add = [&](const PodPtr& pod) { index.fold(nullptr, pod); };
  add(PodMaker("ready").owner("set-uid").label("tier", "front"));
  add(PodMaker("waiting").owner("set-uid").ready(false, 1));
  add(PodMaker("done").owner("set-uid").phase("Succeeded"));
  add(PodMaker("leaving").owner("set-uid").deleting());
  add(PodMaker("strayed").owner("set-uid").label("app", "other"));
  add(PodMaker("bare"));
  add(PodMaker("bare-other").label("app", "other"));
  add(PodMaker("bare-done").phase("Failed"));
  add(PodMaker("bare-leaving").deleting());
  add(PodMaker("foreign").owner("other-uid"));
  auto tally = PodTally::make(replica_set(3), index.of("set-uid"), index.orphans("default"));
  REQUIRE(tally);
  auto counts = tally->counts(kNow);
  CHECK(counts.active == 2);
  CHECK(counts.ready == 1);
  CHECK(counts.available == 1);
  CHECK(counts.fully_labeled == 1);
  CHECK(counts.terminating == 1);
  CHECK(tally->to_adopt() == std::set<std::string>{"default/bare"});
  CHECK(tally->to_release() == std::set<std::string>{"default/strayed"});

  PodPtr waiting = PodMaker("waiting").owner("set-uid").ready(false, 1);
  PodPtr bound = PodMaker("waiting").owner("set-uid").ready(false, 1).node("m");
  CHECK_FALSE(tally->fold(waiting, bound));
  CHECK(tally->fold(bound, PodMaker("waiting").owner("set-uid")));
  CHECK(tally->counts(kNow).ready == 2);
  CHECK(tally->fold(PodMaker("waiting").owner("set-uid"), nullptr));
  CHECK(tally->counts(kNow).active == 1);
  CHECK(tally->fold_orphan(PodMaker("bare"), nullptr));
  CHECK(tally->to_adopt().empty());
  auto empty = replica_set(3);
  empty.spec.selector.matchLabels.clear();
  CHECK_FALSE(PodTally::make(empty, index.of("set-uid"), index.orphans("default")).has_value());
}

TEST_CASE("with minReadySeconds a pod is available so long after it became ready") {
  auto tally = PodTally::make(replica_set(3, 30), {}, {});
  REQUIRE(tally);
  PodPtr old = PodMaker("old").ready(true, 30), young = PodMaker("young").ready(true, 10);
  PodPtr younger = PodMaker("younger").ready(true, 5);
  for (const auto& pod : {old, young, younger}) tally->fold(nullptr, pod);
  CHECK(tally->counts(kNow).ready == 3);
  CHECK(tally->counts(kNow).available == 1);
  CHECK(tally->next_available(kNow) == 20s);
  CHECK(tally->counts(kNow + 20s).available == 2);
  CHECK(tally->next_available(kNow + 20s) == 5s);
  tally->fold(younger, nullptr);
  CHECK(tally->next_available(kNow + 20s) == std::nullopt);
  tally->fold(young, nullptr);
  CHECK(tally->counts(kNow + 100s).available == 1);
  CHECK(tally->counts(kNow + 100s).ready == 1);
}

TEST_CASE("the index knows each controller's pods and their numbers") {
  OwnedPods index;
  PodPtr pod = PodMaker("p").owner("u").ready(false, 1);
  PodPtr ready = PodMaker("p").owner("u");
  PodPtr ended = PodMaker("p").owner("u").phase("Failed");
  index.fold(nullptr, pod);
  CHECK(index.counts("u").active == 1);
  CHECK(index.counts("u").ready == 0);
  index.fold(pod, ready);
  CHECK(index.counts("u").ready == 1);
  index.fold(ready, ended);
  CHECK(index.counts("u").active == 0);
  CHECK(index.counts("u").failed == 1);
  CHECK(index.counts("u").not_ended() == 0);
  CHECK(index.of("u").size() == 1);
  PodPtr released = PodMaker("p");
  index.fold(ended, released);
  CHECK(index.of("u").empty());
  CHECK(index.orphans("default").size() == 1);
  CHECK(index.counts("u").all == 0);
  index.fold(released, nullptr);
  CHECK(index.orphans("default").empty());
}

TEST_CASE("expectations hold until all was seen, or for five minutes") {
  Expectations expectations;
  Instant start{};
  CHECK(expectations.satisfied("u", start));
  expectations.expect_creations("u", 2, start);
  expectations.creation_observed("u");
  CHECK_FALSE(expectations.satisfied("u", start));
  CHECK(expectations.satisfied("v", start));
  CHECK(*expectations.time_left("u", start + 1min) == 4min);
  expectations.creation_observed("u");
  CHECK(expectations.satisfied("u", start));

  expectations.expect_deletions("u", {"a", "b"}, start);
  expectations.deletion_observed("u", "a");
  expectations.deletion_observed("u", "a");  // told twice: marked, then gone
  expectations.deletion_observed("u", "other");
  CHECK_FALSE(expectations.satisfied("u", start + 299s));
  CHECK(expectations.satisfied("u", start + 300s));
  expectations.deletion_observed("u", "b");
  CHECK(expectations.satisfied("u", start));
  expectations.expect_creations("u", 1, start);
  expectations.forget("u");
  CHECK(expectations.satisfied("u", start));
}
