// The table of what DELETE does. Source: the generic registry's BeforeDelete and the pods' and namespaces' strategies.
#include "apiserver/registry/deletion_plan.hpp"
#include "apiserver/strategies/kinds.hpp"
#include "libs/api/time.hpp"
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

using Kind = DeletionPlan::Kind;

WallTime at(const char* text) {
  return *api::parse_time(text);
}

Json pod(const char* spec, const char* status, const char* metadata = "{}") {
  Json out;
  out["kind"] = "Pod";
  out["metadata"] = Json::parse(metadata);
  out["spec"] = Json::parse(spec);
  out["status"] = Json::parse(status);
  return out;
}

DeleteOptions grace(std::int64_t seconds) {
  DeleteOptions out;
  out.grace_seconds = seconds;
  return out;
}

constexpr const char* kBound = R"({"nodeName":"n","terminationGracePeriodSeconds":30})";
constexpr const char* kRunning = R"({"phase":"Running"})";
constexpr const char* kNow = "2026-01-01T00:01:00Z";

TEST_CASE("first deletion of a pod") {
  struct Case {
    Json object;
    DeleteOptions options;
    Kind kind;
    int seconds;
  };
  const Case cases[] = {
      {pod(kBound, kRunning), DeleteOptions(), Kind::kMark, 30},
      {pod(kBound, kRunning), grace(5), Kind::kMark, 5},
      {pod(kBound, kRunning), grace(-3), Kind::kMark, 1},
      {pod(kBound, kRunning), grace(0), Kind::kMarkThenRemove, 0},
      {pod(kBound, R"({"phase":"Failed"})"), DeleteOptions(), Kind::kMarkThenRemove, 0},
      {pod(kBound, R"({"phase":"Succeeded"})"), grace(9), Kind::kMarkThenRemove, 0},
      {pod(R"({"terminationGracePeriodSeconds":30})", R"({"phase":"Pending"})"), grace(9), Kind::kMarkThenRemove, 0},
      {pod(kBound, R"({"phase":"Failed"})", R"({"finalizers":["a/b"]})"), DeleteOptions(), Kind::kMark, 0},
  };
  for (const auto& one : cases) {
    auto plan = plan_deletion(one.object, pod_strategy(), one.options, at(kNow));
    CHECK(plan.kind == one.kind);
    CHECK(plan.object["metadata"]["deletionGracePeriodSeconds"] == one.seconds);
    CHECK(plan.object["metadata"]["deletionTimestamp"] ==
          api::format_time(at(kNow) + std::chrono::seconds(one.seconds)));
  }
}

TEST_CASE("deletion of a pod that is going already") {
  // Marked at 00:00:50 with 30 s.
  const char* marked = R"({"deletionTimestamp":"2026-01-01T00:01:20Z","deletionGracePeriodSeconds":30,"generation":2})";
  auto going = pod(kBound, kRunning, marked);
  CHECK(plan_deletion(going, pod_strategy(), DeleteOptions(), at(kNow)).kind == Kind::kPending);
  CHECK(plan_deletion(going, pod_strategy(), grace(30), at(kNow)).kind == Kind::kPending);
  auto shorter = plan_deletion(going, pod_strategy(), grace(15), at(kNow));
  CHECK(shorter.kind == Kind::kMark);
  CHECK(shorter.object["metadata"]["deletionTimestamp"] == "2026-01-01T00:01:05Z");
  CHECK(shorter.object["metadata"]["generation"] == 2);
  // Its end would lie in the past: one second from now.
  auto past = plan_deletion(going, pod_strategy(), grace(2), at(kNow));
  CHECK(past.object["metadata"]["deletionTimestamp"] == "2026-01-01T00:01:01Z");
  CHECK(past.object["metadata"]["deletionGracePeriodSeconds"] == 1);
  CHECK(plan_deletion(going, pod_strategy(), grace(0), at(kNow)).kind == Kind::kMarkThenRemove);
  auto over = pod(kBound, kRunning, R"({"deletionTimestamp":"2026-01-01T00:00:50Z","deletionGracePeriodSeconds":0})");
  CHECK(plan_deletion(over, pod_strategy(), DeleteOptions(), at(kNow)).kind == Kind::kRemove);
}

TEST_CASE("objects without grace") {
  const auto& strategy = config_map_strategy();
  auto plain = Json::parse(R"({"metadata":{"name":"a"}})");
  CHECK(plan_deletion(plain, strategy, DeleteOptions(), at(kNow)).kind == Kind::kRemove);
  auto held = Json::parse(R"({"metadata":{"name":"a","finalizers":["x/y"]}})");
  auto plan = plan_deletion(held, strategy, DeleteOptions(), at(kNow));
  CHECK(plan.kind == Kind::kMark);
  CHECK(plan.object["metadata"]["deletionTimestamp"] == kNow);
  CHECK(plan.object["metadata"]["deletionGracePeriodSeconds"] == 0);
  // An orphan finalizer that is there already counts unless the options say otherwise.
  auto orphaning = Json::parse(R"({"metadata":{"name":"a","finalizers":["orphan"]}})");
  CHECK(plan_deletion(orphaning, strategy, DeleteOptions(), at(kNow)).kind == Kind::kMark);
  DeleteOptions background;
  background.propagation_policy = "Background";
  CHECK(plan_deletion(orphaning, strategy, background, at(kNow)).kind == Kind::kRemove);
  // Events own nothing: there is nothing to collect.
  DeleteOptions orphan;
  orphan.propagation_policy = "Orphan";
  CHECK(plan_deletion(plain, event_strategy(), orphan, at(kNow)).kind == Kind::kRemove);
}

TEST_CASE("namespaces") {
  auto held = Json::parse(
      R"({"kind":"Namespace","metadata":{"name":"a"},"spec":{"finalizers":["kubernetes"]},
          "status":{"phase":"Active"}})");
  auto plan = plan_deletion(held, namespace_strategy(), DeleteOptions(), at(kNow));
  CHECK(plan.kind == Kind::kMark);
  CHECK(plan.object["status"]["phase"] == "Terminating");
  CHECK(plan_deletion(plan.object, namespace_strategy(), DeleteOptions(), at(kNow)).kind == Kind::kPending);
  plan.object["spec"]["finalizers"] = Json::array();
  CHECK(plan_deletion(plan.object, namespace_strategy(), DeleteOptions(), at(kNow)).kind == Kind::kRemove);
}

}  // namespace
}  // namespace kubeloop::apiserver
