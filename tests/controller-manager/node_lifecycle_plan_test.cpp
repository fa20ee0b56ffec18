// The decisions of the node lifecycle controller as tables. Expected values: Kubernetes' controller (grace
// periods, reasons and messages, condition to taint mapping, zone states and rates).
#include <doctest/doctest.h>

#include "controller-manager/controllers/node-lifecycle/health_plan.hpp"
#include "controller-manager/controllers/node-lifecycle/taint_plan.hpp"
#include "controller-manager/controllers/node-lifecycle/zone_plan.hpp"
#include "controller-manager/controllers/node-lifecycle/zone_queue.hpp"
#include "libs/api/time.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;

namespace {

constexpr GracePeriods kGrace{50s, 60s};
const WallTime kBorn = *api::parse_time("2026-01-01T00:00:00Z");

api::Condition condition(std::string type, std::string status, std::string heartbeat = "h1") {
  api::Condition result;
  result.type = std::move(type);
  result.status = std::move(status);
  result.lastHeartbeatTime = std::move(heartbeat);
  return result;
}

api::Node node_with(std::vector<api::Condition> conditions) {
  api::Node node;
  node.metadata.name = "node-1";
  node.metadata.creationTimestamp = api::format_time(kBorn);
  node.status.conditions = std::move(conditions);
  return node;
}

std::string lease_time(Duration since) {
  return api::format_micro_time(kBorn + since);
}

api::Taint taint(std::string key, std::string effect, std::string value = "") {
  api::Taint result;
  result.key = "node.kubernetes.io/" + key;
  result.effect = std::move(effect);
  result.value = std::move(value);
  return result;
}

}  // namespace

TEST_CASE("a node that posts Ready has 50 s after the last change seen, from whichever source") {
  auto node = node_with({condition("Ready", "True")});
  auto first = observe(std::nullopt, node, lease_time(0s), kBorn + 100s, kGrace);
  CHECK_FALSE(first.is_stale);  // first sight after a start: a full period
  CHECK_FALSE(observe(first.health, node, lease_time(0s), kBorn + 150s, kGrace).is_stale);
  CHECK(observe(first.health, node, lease_time(0s), kBorn + 150s + 1ns, kGrace).is_stale);

  // A renewed lease counts, an older one does not.
  auto renewed = observe(first.health, node, lease_time(10s), kBorn + 140s, kGrace);
  CHECK_FALSE(observe(renewed.health, node, lease_time(10s), kBorn + 190s, kGrace).is_stale);
  auto older = observe(renewed.health, node, lease_time(5s), kBorn + 150s, kGrace);
  CHECK(older.health.probe == kBorn + 140s);
  // A heartbeat in the status counts, whatever it says.
  auto beaten =
      observe(first.health, node_with({condition("Ready", "False", "h0")}), lease_time(0s), kBorn + 145s, kGrace);
  CHECK(beaten.health.probe == kBorn + 145s);
  // A changed status with the same heartbeat does not (the controller writes such ones itself).
  auto unknown =
      observe(first.health, node_with({condition("Ready", "Unknown")}), lease_time(0s), kBorn + 145s, kGrace);
  CHECK(unknown.health.probe == kBorn + 100s);
}

TEST_CASE("a node that never posted a status has 60 s from its creation") {
  auto node = node_with({});
  auto first = observe(std::nullopt, node, "", kBorn + 20s, kGrace);
  CHECK_FALSE(first.is_stale);
  CHECK_FALSE(observe(first.health, node, "", kBorn + 60s, kGrace).is_stale);
  CHECK(observe(first.health, node, "", kBorn + 61s, kGrace).is_stale);
  CHECK(observe(std::nullopt, node, "", kBorn + 61s, kGrace).is_stale);
  // Its first status starts a new period.
  auto posted = observe(first.health, node_with({condition("Ready", "False")}), "", kBorn + 59s, kGrace);
  CHECK_FALSE(observe(posted.health, node_with({condition("Ready", "False")}), "", kBorn + 109s, kGrace).is_stale);
  CHECK(observe(posted.health, node_with({condition("Ready", "False")}), "", kBorn + 110s, kGrace).is_stale);
}

TEST_CASE("what is written for a silent node") {
  struct Row {
    std::vector<api::Condition> conditions;
    std::vector<std::string> expected;  // type/reason/message
  };
  const std::string stopped = "/NodeStatusUnknown/Kubelet stopped posting node status.";
  const std::string never = "/NodeStatusNeverUpdated/Kubelet never posted node status.";
  std::vector<Row> rows = {
      {{condition("MemoryPressure", "False"), condition("DiskPressure", "False"), condition("PIDPressure", "False"),
        condition("Ready", "True"), condition("NetworkUnavailable", "False")},
       {"Ready" + stopped, "MemoryPressure" + stopped, "DiskPressure" + stopped, "PIDPressure" + stopped}},
      {{}, {"Ready" + never, "MemoryPressure" + never, "DiskPressure" + never, "PIDPressure" + never}},
      {{condition("Ready", "False"), condition("DiskPressure", "Unknown")},
       {"Ready" + stopped, "MemoryPressure" + never, "PIDPressure" + never}},
      {{condition("Ready", "Unknown"), condition("DiskPressure", "False")}, {}},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    std::vector<std::string> seen;
    for (const auto& change : unknown_conditions(node_with(rows[i].conditions))) {
      seen.push_back(change.type + "/" + change.reason + "/" + change.message);
      CHECK(change.is_new == (change.reason == "NodeStatusNeverUpdated"));
    }
    CHECK(seen == rows[i].expected);
  }
}

TEST_CASE("NoSchedule taints mirror conditions and spec.unschedulable; others are left alone") {
  struct Row {
    std::vector<api::Condition> conditions;
    bool is_unschedulable;
    std::vector<api::Taint> taints;
    std::vector<api::Taint> add, remove;
  };
  auto ns = [](std::string key) { return taint(std::move(key), "NoSchedule"); };
  std::vector<Row> rows = {
      {{condition("Ready", "True")}, false, {}, {}, {}},
      {{condition("Ready", "True")}, false, {ns("not-ready")}, {}, {ns("not-ready")}},
      {{condition("Ready", "False")}, false, {}, {ns("not-ready")}, {}},
      {{condition("Ready", "Unknown")}, false, {ns("not-ready")}, {ns("unreachable")}, {ns("not-ready")}},
      {{condition("MemoryPressure", "True"), condition("DiskPressure", "True"), condition("PIDPressure", "True"),
        condition("NetworkUnavailable", "True"), condition("Ready", "True")},
       false,
       {},
       {ns("memory-pressure"), ns("disk-pressure"), ns("pid-pressure"), ns("network-unavailable")},
       {}},
      // Unknown pressure is no pressure.
      {{condition("MemoryPressure", "Unknown"), condition("Ready", "Unknown")}, false, {}, {ns("unreachable")}, {}},
      {{condition("Ready", "True")}, true, {}, {ns("unschedulable")}, {}},
      {{condition("Ready", "True")}, false, {ns("unschedulable")}, {}, {ns("unschedulable")}},
      // Somebody else's taints, and the NoExecute ones, stay.
      {{condition("Ready", "True")},
       false,
       {taint("unreachable", "NoExecute"), ns("out-of-service"), taint("not-ready", "PreferNoSchedule")},
       {},
       {}},
      // No Ready condition: nothing to mirror; admission's taint goes (upstream does the same).
      {{}, false, {ns("not-ready")}, {}, {ns("not-ready")}},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    auto node = node_with(rows[i].conditions);
    node.spec.unschedulable = rows[i].is_unschedulable;
    node.spec.taints = rows[i].taints;
    auto change = no_schedule_change(node);
    CHECK(change.add == rows[i].add);
    CHECK(change.remove == rows[i].remove);
  }
}

TEST_CASE("at most one NoExecute taint, with the time it was added") {
  auto unreachable = taint("unreachable", "NoExecute");
  auto not_ready = taint("not-ready", "NoExecute");
  CHECK(wanted_no_execute(node_with({})) == NoExecute::kNone);
  CHECK(wanted_no_execute(node_with({condition("Ready", "True")})) == NoExecute::kNone);
  CHECK(wanted_no_execute(node_with({condition("Ready", "False")})) == NoExecute::kNotReady);
  CHECK(wanted_no_execute(node_with({condition("Ready", "Unknown")})) == NoExecute::kUnreachable);

  auto node = node_with({condition("Ready", "Unknown")});
  node.spec.taints = {taint("unreachable", "NoSchedule"), not_ready, taint("mine", "NoExecute", "x")};
  CHECK(current_no_execute(node) == NoExecute::kNotReady);
  auto swap = no_execute_change(node, NoExecute::kUnreachable);
  CHECK(swap.add == std::vector{unreachable});
  CHECK(swap.remove == std::vector{not_ready});
  auto after = changed_taints(node, swap, kBorn + 60s);
  CHECK(after == std::vector{taint("unreachable", "NoSchedule"), taint("mine", "NoExecute", "x"), unreachable});
  CHECK(after[2].timeAdded == "2026-01-01T00:01:00Z");
  CHECK(after[0].timeAdded.empty());
  node.spec.taints = after;
  CHECK(no_execute_change(node, NoExecute::kUnreachable).is_empty());
  CHECK(no_execute_change(node, NoExecute::kNone).remove == std::vector{unreachable});
}

TEST_CASE("zone states and the rates they bring") {
  EvictionRates rates;
  struct Row {
    int ready, not_ready;
    ZoneState state;
    double rate;
  };
  std::vector<Row> rows = {
      {3, 0, ZoneState::kNormal, 0.1},
      {2, 1, ZoneState::kNormal, 0.1},
      {0, 1, ZoneState::kFullDisruption, 0.1},
      {0, 5, ZoneState::kFullDisruption, 0.1},
      {1, 2, ZoneState::kNormal, 0.1},            // two thirds, but not more than two nodes
      {1, 3, ZoneState::kPartialDisruption, 0},   // a small zone stops
      {9, 11, ZoneState::kPartialDisruption, 0},  // 55 %
      {10, 11, ZoneState::kNormal, 0.1},          // 52 %
      {20, 31, ZoneState::kPartialDisruption, 0.01},
      {20, 30, ZoneState::kPartialDisruption, 0},  // 50 nodes are not more than 50
  };
  for (const auto& row : rows) {
    CAPTURE(row.ready);
    CAPTURE(row.not_ready);
    // A second, healthy zone keeps this from being the whole cluster.
    std::map<std::string, ZoneCount> counts = {{"a", {row.ready, row.not_ready}}, {"b", {1, 0}}};
    auto plan = plan_disruption({}, counts, rates);
    CHECK(plan.states.at("a") == row.state);
    CHECK(plan.new_rates.at("a") == doctest::Approx(row.rate));
    CHECK_FALSE(plan.is_everything_down);
    // The same counts again change nothing.
    CHECK(plan_disruption(plan.states, counts, rates).new_rates.empty());
  }
}

TEST_CASE("when all zones are down nothing is evicted; when one is back, everybody gets a full period") {
  EvictionRates rates;
  std::map<std::string, ZoneCount> all_up = {{"a", {2, 0}}, {"b", {1, 0}}};
  std::map<std::string, ZoneCount> all_down = {{"a", {0, 2}}, {"b", {0, 1}}};
  std::map<std::string, ZoneCount> one_up = {{"a", {1, 1}}, {"b", {0, 1}}};
  auto up = plan_disruption({}, all_up, rates);
  auto down = plan_disruption(up.states, all_down, rates);
  CHECK(down.is_everything_down);
  CHECK_FALSE(down.is_something_back);
  CHECK(down.new_rates == std::map<std::string, double>{{"a", 0}, {"b", 0}});
  auto still = plan_disruption(down.states, all_down, rates);
  CHECK_FALSE(still.is_everything_down);
  CHECK(still.new_rates.empty());
  auto back = plan_disruption(still.states, one_up, rates);
  CHECK(back.is_something_back);
  CHECK_FALSE(back.is_everything_down);
  CHECK(back.new_rates == std::map<std::string, double>{{"a", 0.1}, {"b", 0.1}});
  // A cluster without nodes is nothing at all.
  CHECK(plan_disruption(up.states, {}, rates).states.empty());
  CHECK_FALSE(plan_disruption(up.states, {}, rates).is_everything_down);
}

TEST_CASE("the zone of a node") {
  api::Node node;
  CHECK(zone_of(node) == "");
  node.metadata.labels = {{"topology.kubernetes.io/region", "r"}, {"topology.kubernetes.io/zone", "z"}};
  CHECK(zone_of(node) == "r/z");
  node.metadata.labels = {{"failure-domain.beta.kubernetes.io/zone", "z"}};
  CHECK(zone_of(node) == "/z");
  CHECK(is_counted(node));
  node.metadata.labels["node.kubernetes.io/exclude-disruption"] = "";
  CHECK_FALSE(is_counted(node));
}

TEST_CASE("a zone's queue lets one node through at once and then one every ten seconds") {
  ZoneQueue queue(0.1);
  auto at = [](Duration d) { return Instant(d); };
  for (auto name : {"a", "b", "b", "c"}) queue.add(name);
  CHECK(queue.take(at(1000s)) == "a");
  CHECK_FALSE(queue.take(at(1000s)).has_value());
  CHECK_FALSE(queue.take(at(1009900ms)).has_value());
  CHECK(queue.take(at(1010s)) == "b");
  queue.remove("c");
  queue.add("d");
  CHECK_FALSE(queue.take(at(1019s)).has_value());
  CHECK(queue.take(at(1100s)) == "d");
  CHECK_FALSE(queue.is_open());
}

TEST_CASE("a stopped queue starts with an empty bucket") {
  ZoneQueue queue(0.1);
  queue.add("a");
  queue.add("b");
  queue.set_rate(0, Instant(5s));
  CHECK_FALSE(queue.is_open());
  CHECK_FALSE(queue.take(Instant(500s)).has_value());
  queue.set_rate(0.1, Instant(600s));
  CHECK_FALSE(queue.take(Instant(600s)).has_value());
  CHECK(queue.take(Instant(610s)) == "a");
  // Another rate without a stop keeps what there is.
  queue.set_rate(0.01, Instant(620s));
  CHECK(queue.take(Instant(620s)) == "b");
}
