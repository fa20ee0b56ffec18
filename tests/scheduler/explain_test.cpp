// Decisions as data.
#include "scheduler/explain.hpp"

#include <fmt/core.h>

#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;

namespace {

json explained(Cache& cache, const PodInfo& pod) {
  return json::parse(explain(pod, 2, decide(cache, pod)));
}

}  // namespace

TEST_CASE("a choice: what was filtered, what every plugin scored, how the tie was broken") {
  Cache cache;
  cache.add_node(make_node("n1"));
  cache.add_node(make_node("n2"));
  cache.add_node(make_node("n3", spec(R"({"unschedulable": true})")));
  auto pod = make_pod("web", json::parse(R"({"metadata": {"uid": "u-1", "resourceVersion": "42"}})"));
  auto note = explained(cache, *pod);
  CHECK(note["pod"] == "default/web");
  CHECK(note["uid"] == "u-1");
  CHECK(note["attempt"] == 2);
  CHECK(note["nodes"] == 3);
  CHECK(note["feasible"] == 2);
  CHECK(note["revision"] == 42);
  CHECK(note["filtered"] == json::parse(R"([{"node": "n3", "plugin": "NodeUnschedulable",
                                             "reason": "node(s) were unschedulable"}])"));
  REQUIRE(note["scores"].size() == 2);
  CHECK(note["scores"][0] == json::parse(R"({"node": "n1", "total": 397, "plugins": {
    "TaintToleration": {"score": 100, "weight": 3}, "NodeResourcesFit": {"score": 97, "weight": 1},
    "ImageLocality": {"score": 0, "weight": 1}}})"));
  CHECK(note["tie"] == json::parse(R"({"count": 2, "nodes": ["n1", "n2"], "broken_by": "seeded draw"})"));
  CHECK(note["selected"].get<std::string>().starts_with("n"));
  CHECK_FALSE(note.contains("verdict"));
}

TEST_CASE("a rejection carries the message") {
  Cache cache;
  cache.add_node(make_node("n1"));
  auto note = explained(cache, *make_pod("web", asking("5", "")));
  CHECK(note["verdict"].get<std::string>().starts_with("0/1 nodes are available: 1 Insufficient cpu."));
  CHECK_FALSE(note.contains("selected"));
  CHECK_FALSE(note.contains("scores"));
}

TEST_CASE("on a large cluster it stays small") {
  Cache cache;
  for (int i = 0; i < 60; ++i) cache.add_node(make_node(fmt::format("n{:02}", i)));
  for (int i = 60; i < 1060; ++i) {
    cache.add_node(make_node(fmt::format("n{}", i), spec(R"({"unschedulable": true})")));
  }
  auto pod = make_pod("web");
  auto verdict = decide(cache, *pod);
  auto text = explain(*pod, 1, verdict);
  auto note = json::parse(text);
  REQUIRE(note["filtered"].size() == 1);
  CHECK(note["filtered"][0]["count"] == 1000);
  CHECK(note["filtered"][0]["examples"].size() == 3);
  CHECK(note["scores"].size() == 20);
  CHECK(note["scores_omitted"] == 40);
  CHECK(note["tie"]["nodes"].size() == 50);
  CHECK(note["tie"]["count"] == 60);
  CHECK(text.size() < 8192);
}
