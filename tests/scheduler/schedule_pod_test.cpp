// Whole decisions: the search, its rotation, ties, messages. Rules: kube-scheduler's schedule_one.
#include "scheduler/schedule_pod.hpp"

#include <fmt/core.h>

#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;

namespace {

void add_nodes(Cache& cache, int count, const json& changes = json::object()) {
  for (int i = 0; i < count; ++i) cache.add_node(make_node(fmt::format("n{:04}", i), changes));
}

json required_names(const std::string& terms) {
  return spec(R"({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
    {"nodeSelectorTerms": [)" +
              terms + "]}}}}");
}

const char* const kNotHelpful =
    "no new claims to deallocate, preemption: 0/3 nodes are available: "
    "3 Preemption is not helpful for scheduling.";

}  // namespace

TEST_CASE("how many feasible nodes end the search") {
  struct Row {
    std::size_t nodes;
    int percentage;
    std::size_t wanted;
  };
  const Row rows[] = {{1, 0, 1},         {99, 0, 99},     {100, 0, 100},  {150, 0, 100},
                      {1000, 0, 420},    {2000, 0, 680},  {5000, 0, 500}, {15000, 0, 750},
                      {1000, 100, 1000}, {1000, 30, 300}, {200, 10, 100}, {50, 10, 50}};
  for (const auto& row : rows) {
    CAPTURE(row.nodes);
    CHECK(nodes_to_find(row.nodes, row.percentage) == row.wanted);
  }
}

TEST_CASE("no nodes") {
  Cache cache;
  auto verdict = decide(cache, *make_pod("p"));
  CHECK(verdict.outcome == Verdict::Outcome::kUnschedulable);
  CHECK(verdict.message == "no nodes available to schedule pods");
  CHECK(verdict.diagnosis.unschedulable_plugins.empty());
  CHECK(verdict.is_nomination_cleared);
}

TEST_CASE("one feasible node is taken without scoring") {
  Cache cache;
  add_nodes(cache, 2, spec(R"({"unschedulable": true})"));
  cache.add_node(make_node("open"));
  auto verdict = decide(cache, *make_pod("p"));
  CHECK(verdict.node == "open");
  CHECK(verdict.scores.columns.empty());
  CHECK(verdict.tied.empty());
}

TEST_CASE("the highest weighted total wins") {
  Cache cache;
  cache.add_node(make_node("full"));
  cache.add_node(make_node("tainted", spec(R"({"taints": [{"key": "a", "effect": "PreferNoSchedule"}]})")));
  cache.add_pod(make_pod("used", asking("2", "4Gi", "full")));
  auto verdict = decide(cache, *make_pod("p", asking("1", "1Gi")));
  // full: taint 100*3, fit (25+37)/2 = 31, balance |3/4-5/8|/2 -> 93; tainted: 0*3, fit 81, balance 93.
  CHECK(verdict.node == "full");
  CHECK(verdict.scores.totals == std::vector<std::int64_t>{424, 174});
  CHECK(verdict.tied.empty());
}

TEST_CASE("same seed, same choice among equals; over many seeds every node is chosen about equally often") {
  Cache cache;
  add_nodes(cache, 5);
  auto pod = make_pod("p");
  std::map<std::string, int> chosen;
  constexpr int kDraws = 5000;
  for (int seed = 0; seed < kDraws; ++seed) {
    auto verdict = decide(cache, *pod, static_cast<std::uint64_t>(seed));
    CHECK(verdict.tied.size() == 5);
    if (seed < 50) CHECK(decide(cache, *pod, static_cast<std::uint64_t>(seed)).node == verdict.node);
    ++chosen[verdict.node];
  }
  REQUIRE(chosen.size() == 5);
  double chi_square = 0;
  for (const auto& [node, count] : chosen) {
    double difference = count - kDraws / 5.0;
    chi_square += difference * difference / (kDraws / 5.0);
  }
  CHECK(chi_square < 18.5);  // 4 degrees of freedom, one in a thousand
}

TEST_CASE("rotation: below 100 nodes all are looked at and the start stays") {
  Cache cache;
  add_nodes(cache, 7);
  auto verdict = decide(cache, *make_pod("p"), 1, 3);
  CHECK(verdict.feasible_count == 7);
  CHECK(verdict.scores.nodes.front()->name == "n0003");
  CHECK(verdict.next_start == 3);
}

TEST_CASE("rotation: the next search begins at the first feasible node that was not needed") {
  Cache cache;
  add_nodes(cache, 3, spec(R"({"unschedulable": true})"));  // n0000 to n0002
  for (int i = 3; i < 200; ++i) cache.add_node(make_node(fmt::format("n{:04}", i)));
  auto first = decide(cache, *make_pod("p"), 1, 0);
  CHECK(nodes_to_find(200, 0) == 100);
  CHECK(first.feasible_count == 100);
  CHECK(first.scores.nodes.front()->name == "n0003");
  CHECK(first.scores.nodes.back()->name == "n0102");
  CHECK(first.next_start == 103);
  auto second = decide(cache, *make_pod("p"), 1, first.next_start);
  CHECK(second.scores.nodes.front()->name == "n0103");
  CHECK(second.scores.nodes.back()->name == "n0005");  // n0103..n0199 are 97, then n0003..n0005
  CHECK(second.next_start == 6);
}

TEST_CASE("terms that name nodes narrow the search to them") {
  Cache cache;
  add_nodes(cache, 4);
  const std::string one = R"({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n0002"]}]})";
  auto verdict = decide(cache, *make_pod("p", required_names(one)));
  CHECK(verdict.node == "n0002");
  CHECK(verdict.next_start == 1);

  SUBCASE("the others fail for the common reason") {
    cache.add_pod(make_pod("used", asking("4", "", "n0002")));
    auto wanting = required_names(one);
    wanting.merge_patch(asking("1", ""));
    auto failed = decide(cache, *make_pod("q", wanting));
    CHECK(failed.message ==
          "0/4 nodes are available: 1 Insufficient cpu, 3 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new "
          "claims to "
          "deallocate, preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 "
          "Preemption is "
          "not helpful for scheduling.");
    CHECK(failed.diagnosis.unschedulable_plugins == std::set<std::string>{"NodeAffinity", "NodeResourcesFit"});
  }
  SUBCASE("nodes that are not there leave nothing to look at") {
    const std::string gone = R"({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["gone"]}]})";
    auto failed = decide(cache, *make_pod("p", required_names(gone)));
    CHECK(failed.message ==
          "0/4 nodes are available: 4 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims to "
          "deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.");
  }
  SUBCASE("a term that contradicts itself rejects the pod before any node; later plugins have not run") {
    const std::string conflict = R"({"matchFields": [
      {"key": "metadata.name", "operator": "In", "values": ["n0001"]},
      {"key": "metadata.name", "operator": "In", "values": ["n0002"]}]})";
    auto failed = decide(cache, *make_pod("p", required_names(conflict)), 1, 2);
    CHECK(failed.message == "0/4 nodes are available: pod affinity terms conflict. not found");
    CHECK(failed.diagnosis.unschedulable_plugins == std::set<std::string>{"NodeAffinity"});
    CHECK(failed.next_start == 2);
    CHECK_FALSE(failed.is_nomination_cleared);
  }
}

TEST_CASE("messages: no victims, and where eviction would not help") {
  Cache cache;
  add_nodes(cache, 3);
  SUBCASE("too large for every node") {
    auto verdict = decide(cache, *make_pod("p", asking("5", "")));
    CHECK(verdict.message == std::string("0/3 nodes are available: 3 Insufficient cpu. ") + kNotHelpful);
    CHECK(verdict.is_nomination_cleared);
  }
  SUBCASE("nobody of lower priority to evict") {
    for (int i = 0; i < 3; ++i)
      cache.add_pod(make_pod(fmt::format("u{}", i), asking("3", "", fmt::format("n000{}", i))));
    auto verdict = decide(cache, *make_pod("p", asking("2", "")));
    CHECK(verdict.message ==
          "0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes "
          "are available: 3 No preemption victims found for incoming pod.");
  }
  SUBCASE("evicting all of lower priority would not be enough") {
    auto low = asking("1", "", "n0000");
    auto high = asking("3", "", "n0000");
    high["spec"]["priority"] = 100;
    cache.add_pod(make_pod("low", low));
    cache.add_pod(make_pod("high", high));
    cache.add_pod(make_pod("u1", asking("4", "", "n0001")));
    cache.add_pod(make_pod("u2", asking("4", "", "n0002")));
    auto wanting = asking("2", "");
    wanting["spec"]["priority"] = 50;
    // On n0001 and n0002 it would help: nothing is said, and nothing evicted yet.
    CHECK(decide(cache, *make_pod("p", wanting)).message == "0/3 nodes are available: 3 Insufficient cpu.");
    cache.remove_pod("u1");
    cache.remove_pod("u2");
    for (auto* node : {"n0001", "n0002"}) {
      auto important = asking("4", "", node);
      important["spec"]["priority"] = 100;
      cache.add_pod(make_pod(std::string("v") + node, important));
    }
    CHECK(decide(cache, *make_pod("p", wanting)).message ==
          "0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are "
          "available: "
          "1 Insufficient cpu, 2 No preemption victims found for incoming pod.");
  }
  SUBCASE("preemptionPolicy Never") {
    for (int i = 0; i < 3; ++i)
      cache.add_pod(make_pod(fmt::format("u{}", i), asking("3", "", fmt::format("n000{}", i))));
    auto wanting = asking("2", "");
    wanting["spec"]["preemptionPolicy"] = "Never";
    auto verdict = decide(cache, *make_pod("p", wanting));
    CHECK(verdict.message ==
          "0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: not "
          "eligible due to preemptionPolicy=Never.");
    CHECK_FALSE(verdict.is_nomination_cleared);
  }
}

TEST_CASE("messages: taints and resources, as users of 1.35 see them") {
  Cache cache;
  const auto tainted =
      spec(R"({"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]})");
  cache.add_node(make_node("n0", tainted));
  cache.add_node(make_node("n1"));
  cache.add_node(make_node("n2"));
  CHECK(decide(cache, *make_pod("p", asking("8", ""))).message ==
        std::string("0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. ") + kNotHelpful);
  cache.update_node(make_node("n1"), make_node("n1", tainted));
  cache.add_pod(make_pod("used", asking("", "8Gi", "n2")));
  CHECK(decide(cache, *make_pod("p", asking("", "1Gi"))).message ==
        "0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint(s). no new claims to "
        "deallocate, "
        "preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not "
        "helpful "
        "for scheduling.");
}

TEST_CASE("a nominated node that fits is taken at once; the search goes on when it does not") {
  Cache cache;
  add_nodes(cache, 3);
  json nominated = asking("1", "");
  nominated["status"]["nominatedNodeName"] = "n0001";
  auto verdict = decide(cache, *make_pod("p", nominated), 1, 2);
  CHECK(verdict.node == "n0001");
  CHECK(verdict.feasible_count == 1);
  CHECK(verdict.next_start == 2);
  cache.add_pod(make_pod("used", asking("4", "", "n0001")));
  auto second = decide(cache, *make_pod("p", nominated), 1, 2);
  CHECK(second.feasible_count == 2);
  REQUIRE(second.diagnosis.nodes.size() == 1);
  CHECK(second.diagnosis.nodes[0].node->name == "n0001");
}

TEST_CASE("room that is promised to a pod of at least the same priority is not given away") {
  Cache cache;
  add_nodes(cache, 2);
  auto with_priority = [](int priority) {
    auto changes = asking("3", "");
    changes["spec"]["priority"] = priority;
    return changes;
  };
  Nominator nominator;
  nominator.set(make_pod("promised", with_priority(10)), "n0000");
  CHECK(decide(cache, *make_pod("lower", with_priority(5)), 1, 0, &nominator).node == "n0001");
  CHECK(decide(cache, *make_pod("equal", with_priority(10)), 1, 0, &nominator).feasible_count == 1);
  CHECK(decide(cache, *make_pod("higher", with_priority(11)), 1, 0, &nominator).feasible_count == 2);
  CHECK(decide(cache, *make_pod("promised", with_priority(10)), 1, 0, &nominator).feasible_count == 2);
}

namespace {

class FailingFilter final : public Plugin, public FilterPlugin {
 public:
  std::string_view name() const override { return "Failing"; }
  PluginStatus filter(const CycleState&, const PodInfo&, const NodeInfo&) const override {
    return PluginStatus::error("out of order");
  }
};

class WildScore final : public Plugin, public ScorePlugin {
 public:
  std::string_view name() const override { return "Wild"; }
  std::int64_t score(const CycleState&, const PodInfo&, const NodeInfo&, const Snapshot&) const override { return 101; }
};

Verdict decide_with(std::unique_ptr<Plugin> plugin) {
  Cache cache;
  add_nodes(cache, 3);
  Profile profile("test");
  profile.add(std::move(plugin), 2);
  Rng rng(1);
  return schedule_pod(profile, cache.snapshot(), *make_pod("p"), rng, 0);
}

}  // namespace

TEST_CASE("a plugin that fails makes the decision an error") {
  auto verdict = decide_with(std::make_unique<FailingFilter>());
  CHECK(verdict.outcome == Verdict::Outcome::kError);
  CHECK(verdict.message == "running \"Failing\" filter plugin: out of order");
  verdict = decide_with(std::make_unique<WildScore>());
  CHECK(verdict.outcome == Verdict::Outcome::kError);
  CHECK(verdict.message ==
        "applying score defaultWeights on Score plugins: plugin \"Wild\" returns an invalid score 101, it "
        "should in the range of [0, 100] after normalizing");
}
