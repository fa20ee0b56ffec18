// The decisions of the other controllers as tables. Expected values: Kubernetes' controllers of the
// same names (taint eviction, node IPAM, pod garbage collector, root CA publisher, default service account).
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "controller-manager/controllers/node-ipam/plan.hpp"
#include "controller-manager/controllers/pod-garbage-collector/plan.hpp"
#include "controller-manager/controllers/root-ca-publisher/plan.hpp"
#include "controller-manager/controllers/serviceaccount/plan.hpp"
#include "controller-manager/controllers/taint-eviction/plan.hpp"
#include "controller-manager/registrations.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

api::Taint taint(std::string key, std::string value = "") {
  api::Taint result;
  result.key = std::move(key);
  result.value = std::move(value);
  result.effect = "NoExecute";
  return result;
}

api::Toleration toleration(std::string key, std::string op, std::string value = "", std::string effect = "",
                           std::optional<std::int64_t> seconds = std::nullopt) {
  api::Toleration result;
  result.key = std::move(key);
  result.operator_ = std::move(op);
  result.value = std::move(value);
  result.effect = std::move(effect);
  result.tolerationSeconds = seconds;
  return result;
}

std::shared_ptr<api::Pod> pod(std::string node, std::string phase = "Running", bool is_terminating = false,
                              std::string created = "2026-01-01T00:00:00Z", std::string reason = "") {
  auto result = std::make_shared<api::Pod>();
  result->spec.nodeName = std::move(node);
  result->status.phase = std::move(phase);
  result->status.reason = std::move(reason);
  result->metadata.creationTimestamp = std::move(created);
  if (is_terminating) result->metadata.deletionTimestamp = "2026-01-01T00:00:30Z";
  return result;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("which toleration matches which taint") {
  struct Row {
    api::Toleration toleration;
    bool expected;
  };
  std::vector<Row> rows = {
      {toleration("k", "Exists"), true},
      {toleration("k", "Exists", "", "NoExecute"), true},
      {toleration("k", "Exists", "", "NoSchedule"), false},
      {toleration("other", "Exists"), false},
      {toleration("", "Exists"), true},
      {toleration("k", "Equal", "v"), true},
      {toleration("k", "", "v"), true},
      {toleration("k", "Equal", "w"), false},
      {toleration("k", "Equal"), false},
      {toleration("k", "Gt", "v"), false},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    CHECK(tolerates(rows[i].toleration, taint("k", "v")) == rows[i].expected);
  }
}

TEST_CASE("when a pod has to go") {
  using Kind = EvictionVerdict::Kind;
  struct Row {
    std::vector<api::Taint> taints;
    std::vector<api::Toleration> tolerations;
    Kind kind;
    Duration after;
  };
  std::vector<Row> rows = {
      {{taint("a")}, {}, Kind::kNow, 0s},
      {{taint("a")}, {toleration("a", "Exists")}, Kind::kNever, 0s},
      {{taint("a")}, {toleration("a", "Exists", "", "NoExecute", 300)}, Kind::kLater, 300s},
      {{taint("a")}, {toleration("a", "Exists", "", "NoExecute", 0)}, Kind::kNow, 0s},
      {{taint("a")}, {toleration("a", "Exists", "", "NoExecute", -5)}, Kind::kNow, 0s},
      {{taint("a"), taint("b")}, {toleration("a", "Exists", "", "", 300)}, Kind::kNow, 0s},
      {{taint("a"), taint("b")},
       {toleration("a", "Exists", "", "", 300), toleration("b", "Exists", "", "", 20)},
       Kind::kLater,
       20s},
      {{taint("a"), taint("b")},
       {toleration("a", "Exists", "", "", 300), toleration("b", "Exists")},
       Kind::kLater,
       300s},
      // A toleration that is not used does not shorten.
      {{taint("a")},
       {toleration("a", "Exists", "", "", 300), toleration("b", "Exists", "", "", 1)},
       Kind::kLater,
       300s},
      // The first that matches is used.
      {{taint("a")}, {toleration("a", "Exists"), toleration("a", "Exists", "", "", 1)}, Kind::kNever, 0s},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    auto verdict = plan_eviction(rows[i].taints, rows[i].tolerations);
    CHECK(verdict.kind == rows[i].kind);
    CHECK(verdict.after == rows[i].after);
  }
}

TEST_CASE("networks are parsed strictly") {
  CHECK(to_string(*parse_network("10.128.0.0/9")) == "10.128.0.0/9");
  CHECK(to_string(*parse_network("10.200.3.4/9")) == "10.128.0.0/9");
  CHECK(to_string(*parse_network("0.0.0.0/0")) == "0.0.0.0/0");
  CHECK(to_string(*parse_network("1.2.3.4/32")) == "1.2.3.4/32");
  for (auto bad : {"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "256.0.0.0/8", "10.0.0/8", "10.0.0.0.0/8", "10.0.0.0/8x",
                   "::/64", "-1.0.0.0/8"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_network(bad).has_value());
  }
}

TEST_CASE("address ranges go round robin, and never twice") {
  auto pool = CidrPool::make("10.128.0.0/9", 24);
  REQUIRE(pool.has_value());
  CHECK(to_string(*pool->allocate()) == "10.128.0.0/24");
  CHECK(to_string(*pool->allocate()) == "10.128.1.0/24");
  CHECK(pool->occupy(*parse_network("10.128.2.0/24")));
  CHECK(to_string(*pool->allocate()) == "10.128.3.0/24");
  pool->release(*parse_network("10.128.0.0/24"));
  CHECK(to_string(*pool->allocate()) == "10.128.4.0/24");  // the freed one only after a whole round
  CHECK_FALSE(pool->occupy(*parse_network("10.0.0.0/9")));
  CHECK(pool->used() == 4);

  auto small = CidrPool::make("10.0.0.0/22", 24);
  CHECK(small->occupy(*parse_network("10.0.1.128/25")));  // part of a range takes all of it
  CHECK(to_string(*small->allocate()) == "10.0.0.0/24");
  CHECK(to_string(*small->allocate()) == "10.0.2.0/24");
  CHECK(to_string(*small->allocate()) == "10.0.3.0/24");
  CHECK_FALSE(small->allocate().has_value());
  small->release(*parse_network("10.0.2.0/24"));
  small->release(*parse_network("10.0.2.0/24"));
  CHECK(small->used() == 3);
  CHECK(to_string(*small->allocate()) == "10.0.2.0/24");

  CHECK_FALSE(CidrPool::make("10.0.0.0/25", 24).has_value());
  CHECK_FALSE(CidrPool::make("10.0.0.0/4", 24).has_value());
  CHECK_FALSE(CidrPool::make("nonsense", 24).has_value());
}

TEST_CASE("which pods the garbage collector takes") {
  PodMap pods = {
      {"a/gone", pod("lost")},
      {"a/here", pod("n1")},
      {"a/unbound", pod("", "Pending", true)},
      {"a/waiting", pod("", "Pending")},
      {"a/leaving", pod("n1", "Running", true)},
      {"a/dead", pod("n2", "Running", true)},
  };
  auto ready = std::make_shared<api::Node>();
  api::Condition condition;
  condition.type = "Ready";
  condition.status = "True";
  ready->status.conditions = {condition};
  ready->spec.taints = {taint("node.kubernetes.io/out-of-service")};
  auto dead = std::make_shared<api::Node>(*ready);
  dead->status.conditions[0].status = "Unknown";
  NodeMap nodes = {{"n1", ready}, {"n2", dead}};
  CHECK(unbound_terminating(pods) == Strings{"a/unbound"});
  CHECK(out_of_service(pods, nodes) == Strings{"a/dead"});
  CHECK(bound_to(pods, {"lost"}) == Strings{"a/gone"});

  auto missing = missing_nodes({}, pods, nodes, Instant(20s));
  CHECK(missing == MissingNodes{{"lost", Instant(20s)}});
  CHECK(missing_nodes(missing, pods, nodes, Instant(60s)) == MissingNodes{{"lost", Instant(20s)}});
  nodes["lost"] = ready;
  CHECK(missing_nodes(missing, pods, nodes, Instant(60s)).empty());
}

TEST_CASE("ended pods beyond the threshold: evicted ones first, then the oldest") {
  PodMap pods = {
      {"a/1", pod("n", "Succeeded", false, "2026-01-01T00:00:01Z")},
      {"a/2", pod("n", "Failed", false, "2026-01-01T00:00:09Z", "Evicted")},
      {"a/3", pod("n", "Failed", false, "2026-01-01T00:00:03Z")},
      {"a/4", pod("n", "Running", false, "2026-01-01T00:00:00Z")},
  };
  CHECK(surplus_ended(pods, 3).empty());
  CHECK(surplus_ended(pods, 2) == Strings{"a/2"});
  CHECK(surplus_ended(pods, 1) == Strings{"a/2", "a/1"});
  CHECK(surplus_ended(pods, 0).empty());  // 0 turns it off
}

TEST_CASE("the root CA map is made, mended and left alone") {
  auto made = plan_root_ca(nullptr, "PEM");
  REQUIRE(made.has_value());
  CHECK(made->is_new);
  auto body = json::parse(made->body);
  CHECK(body["metadata"]["name"] == "kube-root-ca.crt");
  CHECK(body["data"] == json::parse(R"({"ca.crt":"PEM"})"));
  CHECK(body["metadata"]["annotations"]["kubernetes.io/description"].get<std::string>().size() > 10);

  api::ConfigMap map;
  map.metadata.annotations["kubernetes.io/description"] = "anything";
  map.data["ca.crt"] = "PEM";
  CHECK_FALSE(plan_root_ca(&map, "PEM").has_value());
  map.data["more"] = "x";
  auto mended = plan_root_ca(&map, "PEM2");
  REQUIRE(mended.has_value());
  CHECK_FALSE(mended->is_new);
  CHECK(json::parse(mended->body) == json::parse(R"({"data":{"ca.crt":"PEM2","more":null}})"));
  map.data = {{"ca.crt", "PEM"}};
  map.metadata.annotations.clear();
  CHECK(plan_root_ca(&map, "PEM").has_value());
}

TEST_CASE("only active namespaces get a default service account") {
  api::Namespace active;
  active.status.phase = "Active";
  api::Namespace leaving = active;
  leaving.status.phase = "Terminating";
  api::ServiceAccount account;
  CHECK(needs_default_account(&active, nullptr));
  CHECK_FALSE(needs_default_account(&active, &account));
  CHECK_FALSE(needs_default_account(&leaving, nullptr));
  CHECK_FALSE(needs_default_account(nullptr, nullptr));
}

TEST_CASE("--controllers") {
  CHECK(is_enabled("a", {"*"}));
  CHECK_FALSE(is_enabled("a", {"*", "-a"}));
  CHECK(is_enabled("a", {"a"}));
  CHECK_FALSE(is_enabled("b", {"a"}));
  CHECK(is_enabled("b", {"-a", "*"}));
  CHECK(registrations().size() >= 6);
}
