// The numbers of disruption budgets as tables. Expected values: Kubernetes'
// disruption controller, read as rules.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller-manager/controllers/disruption/budget_index.hpp"
#include "controller-manager/controllers/disruption/plan.hpp"
#include "libs/api/codec/view.hpp"
#include "libs/api/time.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

const WallTime kNow = *api::parse_time("2026-01-01T00:10:00Z");

api::PodDisruptionBudget budget(std::string minimum, std::string maximum) {
  api::PodDisruptionBudget result;
  result.metadata.name = "b";
  result.metadata.namespace_ = "ns";
  result.metadata.uid = "u";
  result.metadata.resourceVersion = "9";
  result.metadata.generation = 3;
  result.spec.minAvailable = std::move(minimum);
  result.spec.maxUnavailable = std::move(maximum);
  result.spec.selector.emplace();
  result.spec.selector->matchLabels["app"] = "web";
  return result;
}

BudgetIndex::PodPtr pod(std::string name, bool is_ready, bool is_going = false, std::string app = "web",
                        std::string owner = "rs") {
  auto result = std::make_shared<api::Pod>();
  result->metadata.name = std::move(name);
  result->metadata.namespace_ = "ns";
  result->metadata.labels["app"] = std::move(app);
  if (is_going) result->metadata.deletionTimestamp = "2026-01-01T00:09:00Z";
  if (!owner.empty()) {
    api::OwnerReference reference;
    reference.uid = owner;
    reference.controller = true;
    result->metadata.ownerReferences.push_back(reference);
  }
  api::Condition ready;
  ready.type = "Ready";
  ready.status = is_ready ? "True" : "False";
  result->status.conditions.push_back(ready);
  return result;
}

}  // namespace

TEST_CASE("expected and desired pods: numbers, and percentages rounded up") {
  struct Row {
    const char *minimum, *maximum;
    int pods, scale;
    int expected, desired;
  };
  Row rows[] = {
      {"2", "", 3, 99, 3, 2},    {"0", "", 3, 99, 3, 0},    {"5", "", 3, 99, 3, 5},  {"50%", "", 9, 3, 3, 2},
      {"33%", "", 9, 10, 10, 4}, {"100%", "", 9, 7, 7, 7},  {"0%", "", 9, 7, 7, 0},  {"", "1", 9, 3, 3, 2},
      {"", "5", 9, 3, 3, 0},     {"", "25%", 9, 10, 10, 7}, {"", "50%", 9, 3, 3, 1}, {"", "0", 9, 3, 3, 3},
      {"", "100%", 9, 4, 4, 0},  {"", "", 9, 4, 0, 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.minimum);
    CAPTURE(row.maximum);
    auto result = plan_expectation(budget(row.minimum, row.maximum).spec, row.pods, row.scale);
    REQUIRE(result);
    CHECK(result->expected == row.expected);
    CHECK(result->desired == row.desired);
  }
  CHECK_FALSE(plan_expectation(budget("many", "").spec, 1, 1).has_value());
  CHECK_FALSE(needs_scale(budget("2", "").spec));
  CHECK(needs_scale(budget("2%", "").spec));
  CHECK(needs_scale(budget("", "2").spec));
}

TEST_CASE("the status: allowed disruptions, the condition, and when nothing has to be written") {
  auto one = budget("2", "");
  BudgetNumbers numbers;
  numbers.expected = 3;
  numbers.desired = 2;
  numbers.healthy = 3;
  auto patch = plan_status(one, numbers, kNow);
  REQUIRE(patch);
  auto document = json::parse(*patch);
  CHECK(document["metadata"]["resourceVersion"] == "9");
  CHECK(document["metadata"]["uid"] == "u");
  CHECK(document["status"]["disruptionsAllowed"] == 1);
  CHECK(document["status"]["observedGeneration"] == 3);
  CHECK(document["status"]["conditions"][0] == json::parse(R"({"type":"DisruptionAllowed","status":"True",
    "reason":"SufficientPods","message":"","observedGeneration":3,"lastTransitionTime":"2026-01-01T00:10:00Z"})"));

  auto written = api::decode_view<api::PodDisruptionBudget>(*patch);
  REQUIRE(written);
  auto status = written->status;
  one.status = status;
  CHECK_FALSE(plan_status(one, numbers, kNow).has_value());
  // An eviction took one: it is counted back only with the pod.
  one.status.disruptionsAllowed = 0;
  CHECK(plan_status(one, numbers, kNow).has_value());
  one.status = status;
  one.metadata.generation = 4;
  CHECK(plan_status(one, numbers, kNow).has_value());

  numbers.healthy = 2;
  document = json::parse(*plan_status(one, numbers, kNow));
  CHECK(document["status"]["disruptionsAllowed"] == 0);
  CHECK(document["status"]["conditions"][0]["reason"] == "InsufficientPods");
  CHECK(document["status"]["conditions"][0]["status"] == "False");
  // Without expected pods nothing is allowed, whatever else the numbers say.
  numbers.expected = 0;
  numbers.healthy = 5;
  CHECK(json::parse(*plan_status(one, numbers, kNow))["status"]["disruptionsAllowed"] == 0);
  // What is no longer disrupted is taken out of the map.
  one.status.disruptedPods = {{"a", "2026-01-01T00:00:00Z"}, {"b", "2026-01-01T00:09:59Z"}};
  numbers.disrupted = {{"b", "2026-01-01T00:09:59Z"}};
  CHECK(json::parse(*plan_status(one, numbers, kNow))["status"]["disruptedPods"] == json::parse(R"({"a":null})"));
}

TEST_CASE("the status when the numbers cannot be had") {
  auto one = budget("", "1");
  one.status.disruptionsAllowed = 2;
  one.status.observedGeneration = 2;
  auto patch = plan_failed_status(one, "why", kNow);
  REQUIRE(patch);
  auto document = json::parse(*patch);
  CHECK(document["status"]["disruptionsAllowed"] == 0);
  CHECK_FALSE(document["status"].contains("observedGeneration"));
  CHECK(document["status"]["conditions"][0]["reason"] == "SyncFailed");
  CHECK(document["status"]["conditions"][0]["message"] == "why");
  auto written = api::decode_view<api::PodDisruptionBudget>(*patch);
  one.status = written->status;
  CHECK_FALSE(plan_failed_status(one, "why", kNow).has_value());
  CHECK(plan_failed_status(one, "another reason", kNow).has_value());
}

TEST_CASE("pods whose eviction was granted do not count for two minutes, or until they are being deleted") {
  std::map<std::string, BudgetIndex::PodPtr> pods = {{"fresh", pod("fresh", true)},
                                                     {"unready", pod("unready", false)},
                                                     {"going", pod("going", true, true)},
                                                     {"old", pod("old", true)}};
  api::StringMap granted = {{"fresh", "2026-01-01T00:09:00Z"},
                            {"unready", "2026-01-01T00:08:30Z"},
                            {"going", "2026-01-01T00:09:00Z"},
                            {"old", "2026-01-01T00:08:00Z"},
                            {"nobody", "2026-01-01T00:09:00Z"}};
  auto find = [&](const std::string& name) { return pods.contains(name) ? pods[name].get() : nullptr; };
  auto result = plan_disrupted(granted, find, kNow);
  CHECK(result.kept ==
        std::map<std::string, std::string>{{"fresh", "2026-01-01T00:09:00Z"}, {"unready", "2026-01-01T00:08:30Z"}});
  CHECK(result.not_deleted == std::vector<std::string>{"old"});
  CHECK(result.withheld == 1);
  REQUIRE(result.look_again);
  CHECK(*result.look_again == 30s);
  CHECK_FALSE(plan_disrupted({}, find, kNow).look_again.has_value());
}

TEST_CASE("a DisruptionTarget is stale after two minutes, unless the pod is going or a kubelet said it") {
  auto with = [](std::string status, std::string reason, std::string since, std::string phase = "Running",
                 bool is_going = false) {
    api::Pod result;
    result.status.phase = std::move(phase);
    if (is_going) result.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
    api::Condition target;
    target.type = "DisruptionTarget";
    target.status = std::move(status);
    target.reason = std::move(reason);
    target.lastTransitionTime = std::move(since);
    result.status.conditions.push_back(target);
    return result;
  };
  std::string since = "2026-01-01T00:09:00Z";
  CHECK(stale_in(with("True", "EvictionByEvictionAPI", since), kNow) == Duration(60s));
  CHECK(stale_in(with("True", "EvictionByEvictionAPI", "2026-01-01T00:00:00Z"), kNow) == Duration::zero());
  CHECK_FALSE(stale_in(with("False", "EvictionByEvictionAPI", since), kNow));
  CHECK_FALSE(stale_in(with("True", "TerminationByKubelet", since), kNow));
  CHECK_FALSE(stale_in(with("True", "PreemptionByScheduler", since, "Failed"), kNow));
  CHECK_FALSE(stale_in(with("True", "PreemptionByScheduler", since, "Running", true), kNow));
  CHECK_FALSE(stale_in(api::Pod(), kNow));
}

TEST_CASE("the selector in an event") {
  api::SelectorSpec spec;
  spec.matchLabels["app"] = "web";
  CHECK(go_text(spec) ==
        "&LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}");
  api::SelectorExpression one;
  one.key = "tier";
  one.operator_ = "In";
  one.values = {"a", "b"};
  spec.matchExpressions.push_back(one);
  CHECK(go_text(spec) ==
        "&LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{"
        "LabelSelectorRequirement{Key:tier,Operator:In,Values:[a b],},},}");
}

TEST_CASE("the numbers of a budget follow its pods") {
  BudgetIndex index;
  BudgetIndex::Pods pods = {{"ns/a", pod("a", true)},
                            {"ns/b", pod("b", false)},
                            {"ns/x", pod("x", true, false, "db")},
                            {"other/a", pod("a", true)}};
  auto one = budget("2", "");
  index.set(one, pods);
  const auto* numbers = index.find("ns", "b");
  REQUIRE(numbers);
  CHECK(numbers->count == 2);
  CHECK(numbers->healthy == 1);
  CHECK(numbers->owners.size() == 1);
  using Names = std::vector<std::string>;
  CHECK(index.fold(pod("b", false), pod("b", true)) == Names{"b"});
  CHECK(numbers->healthy == 2);
  CHECK(index.fold(pod("b", true), pod("b", true)).empty());  // nothing that counts
  CHECK(index.fold(pod("a", true), pod("a", true, true)) == Names{"b"});
  CHECK(numbers->healthy == 1);
  CHECK(numbers->count == 2);
  CHECK(index.fold(nullptr, pod("y", true, false, "db")).empty());
  CHECK(index.fold(pod("x", true, false, "db"), pod("x", true, false, "web", "")) == Names{"b"});
  CHECK(numbers->unmanaged == 1);
  CHECK(numbers->count == 3);
  CHECK(index.fold(pod("a", true, true), nullptr) == Names{"b"});
  CHECK(index.fold(pod("b", true), nullptr) == Names{"b"});
  CHECK(numbers->owners.empty());
  CHECK(numbers->count == 1);
  CHECK(index.covering(*pod("z", true)) == Names{"b"});
  CHECK(index.covering(*pod("z", true, false, "db")).empty());
  // Another selector: counted anew. None: no pods; an empty one: all of the namespace.
  one.spec.selector->matchLabels["app"] = "db";
  index.set(one, pods);
  CHECK(index.find("ns", "b")->count == 1);
  one.spec.selector->matchLabels.clear();
  index.set(one, pods);
  CHECK(index.find("ns", "b")->count == 3);
  one.spec.selector.reset();
  index.set(one, pods);
  CHECK(index.find("ns", "b")->count == 0);
  index.erase(one);
  CHECK(index.find("ns", "b") == nullptr);
  CHECK(index.fold(nullptr, pod("a", true)).empty());
}
