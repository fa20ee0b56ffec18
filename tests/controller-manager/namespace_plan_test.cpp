// What is said of a namespace that is being emptied, as tables. Expected values: the
// texts that `kubectl get namespace -o yaml` shows.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "controller-manager/controllers/namespace/plan.hpp"
#include "libs/api/codec/view.hpp"
#include "libs/api/time.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

KindRemoval kind(std::string group, std::string plural) {
  KindRemoval result;
  result.group = std::move(group);
  result.version = "v1";
  result.plural = std::move(plural);
  return result;
}

api::ObjectMeta with_finalizers(std::vector<std::string> finalizers) {
  api::ObjectMeta result;
  result.finalizers = std::move(finalizers);
  return result;
}

std::shared_ptr<const api::Pod> pod(std::optional<std::int64_t> grace, std::string phase = "Running") {
  auto result = std::make_shared<api::Pod>();
  result->spec.terminationGracePeriodSeconds = grace;
  result->status.phase = std::move(phase);
  return result;
}

const WallTime kNow = *api::parse_time("2026-01-01T00:00:10Z");

json conditions(const api::Namespace& namespace_, const ContentRemoval& removal) {
  auto patch = plan_conditions(namespace_, removal, kNow);
  REQUIRE(patch);
  return json::parse(*patch)["status"]["conditions"];
}

}  // namespace

TEST_CASE("what is left of a kind: expected, waited for, or wrong") {
  auto done = kind("", "pods");
  done.estimate_seconds = 30;
  judge_remaining(done, "lab", {});
  CHECK(done.estimate_seconds == 0);
  CHECK(done.error.empty());

  auto graceful = kind("", "pods");
  graceful.estimate_seconds = 30;
  judge_remaining(graceful, "lab", {with_finalizers({}), with_finalizers({"a/b"})});
  CHECK(graceful.remaining == 2);
  CHECK(graceful.estimate_seconds == 30);
  CHECK(graceful.error.empty());

  auto held = kind("", "configmaps");
  judge_remaining(held, "lab", {with_finalizers({"a/b", "c/d"}), with_finalizers({"a/b"})});
  CHECK(held.estimate_seconds == 15);
  CHECK(held.finalizers == std::map<std::string, std::int64_t>{{"a/b", 2}, {"c/d", 1}});
  CHECK(held.error.empty());

  auto wrong = kind("apps", "deployments");
  judge_remaining(wrong, "lab", {with_finalizers({})});
  CHECK(wrong.estimate_seconds == 0);
  CHECK(wrong.error == "unexpected items still remain in namespace: lab for gvr: apps/v1, Resource=deployments");
}

TEST_CASE("the pods' estimate is the longest grace period of those that run, until it has passed") {
  api::Namespace namespace_;
  namespace_.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
  CHECK(pods_estimate({}, namespace_, kNow) == 0);
  CHECK(pods_estimate({pod(30), pod(60), pod(500, "Succeeded"), pod(std::nullopt)}, namespace_, kNow) == 60);
  CHECK(pods_estimate({pod(10)}, namespace_, kNow) == 0);
  CHECK(pods_estimate({pod(11)}, namespace_, kNow) == 11);
}

TEST_CASE("when to look again") {
  CHECK(next_look(30) == 16s);
  CHECK(next_look(15) == 8s);
  CHECK(retry_delay(0) == 5ms);
  CHECK(retry_delay(3) == 40ms);
  CHECK(retry_delay(30) == 60s);
}

TEST_CASE("conditions of one that is empty") {
  api::Namespace namespace_;
  namespace_.metadata.uid = "u";
  auto list = conditions(namespace_, ContentRemoval());
  REQUIRE(list.size() == 5);
  struct Row {
    const char *type, *reason, *message;
  };
  Row rows[] = {
      {"NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"},
      {"NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions",
       "All legacy kube types successfully parsed"},
      {"NamespaceDeletionContentFailure", "ContentDeleted",
       "All content successfully deleted, may be waiting on finalization"},
      {"NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"},
      {"NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"},
  };
  for (int i = 0; i < 5; ++i) {
    CHECK(list[i]["type"] == rows[i].type);
    CHECK(list[i]["status"] == "False");
    CHECK(list[i]["reason"] == rows[i].reason);
    CHECK(list[i]["message"] == rows[i].message);
    CHECK(list[i]["lastTransitionTime"] == "2026-01-01T00:00:10Z");
  }
}

TEST_CASE("conditions of one with content that stays, and what changes of them") {
  ContentRemoval removal;
  auto pods = kind("", "pods");
  pods.remaining = 1;
  auto widgets = kind("example.com", "widgets");
  widgets.remaining = 2;
  widgets.finalizers = {{"foo/bar", 2}};
  auto maps = kind("", "configmaps");
  maps.remaining = 1;
  maps.finalizers = {{"foo/bar", 1}, {"a/b", 1}};
  auto broken = kind("apps", "deployments");
  broken.error = "no";
  removal.kinds = {widgets, pods, maps, broken};
  removal.discovery_error = "unreachable";
  CHECK(removal.error() == "unreachable, no");

  api::Namespace namespace_;
  api::Condition known;
  known.type = "NamespaceContentRemaining";
  known.status = "True";
  known.reason = "SomeResourcesRemain";
  known.message = "Some resources are remaining: pods. has 2 resource instances";
  known.lastTransitionTime = "2026-01-01T00:00:00Z";
  namespace_.status.conditions.push_back(known);
  auto list = conditions(namespace_, removal);
  REQUIRE(list.size() == 5);
  CHECK(list[0]["status"] == "True");
  CHECK(list[0]["reason"] == "DiscoveryFailed");
  CHECK(list[0]["message"] == "unreachable");
  CHECK(list[2]["reason"] == "ContentDeletionFailed");
  CHECK(list[2]["message"] == "Failed to delete all resource types, 1 remaining: no");
  CHECK(list[3]["message"] ==
        "Some resources are remaining: configmaps. has 1 resource instances, pods. has 1 resource instances, "
        "widgets.example.com has 2 resource instances");
  CHECK_FALSE(list[3].contains("lastTransitionTime"));  // it was True before
  CHECK(list[4]["reason"] == "SomeFinalizersRemain");
  CHECK(list[4]["message"] ==
        "Some content in the namespace has finalizers remaining: a/b in 1 resource instances, foo/bar in 3 resource "
        "instances");

  // Said once, they need no second word.
  auto patch = json::parse(*plan_conditions(namespace_, removal, kNow));
  patch["metadata"]["name"] = "lab";
  auto after = api::decode_view<api::Namespace>(patch.dump());
  REQUIRE(after);
  CHECK_FALSE(plan_conditions(*after, removal, kNow).has_value());
}

TEST_CASE("the finalize body drops our finalizer only") {
  auto body = finalized_body(
      R"({"kind":"Namespace","metadata":{"name":"lab","resourceVersion":"7"},
          "spec":{"finalizers":["a/b","kubernetes"]}})");
  REQUIRE(body);
  auto document = json::parse(*body);
  CHECK(document["spec"]["finalizers"] == json::parse(R"(["a/b"])"));
  CHECK(document["metadata"]["resourceVersion"] == "7");
  CHECK(json::parse(*finalized_body(R"({"metadata":{}})"))["spec"]["finalizers"].empty());
  CHECK_FALSE(finalized_body("[]").has_value());
}
