// Cache, reservations and the node order. Rules: kube-scheduler's node tree, assumed pods and NodeInfo.
#include "scheduler/cache.hpp"

#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;

namespace {

std::vector<std::string> names(const Snapshot& snapshot) {
  std::vector<std::string> found;
  for (const auto* node : snapshot.nodes) found.push_back(node->name);
  return found;
}

json in_zone(const std::string& zone) {
  json changes = json::object();
  changes["metadata"]["labels"]["topology.kubernetes.io/zone"] = zone;
  return changes;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("zones take turns; the first seen zone begins") {
  NodeTree tree;
  tree.add(*make_node("b1", in_zone("b")));
  tree.add(*make_node("a1", in_zone("a")));
  tree.add(*make_node("b2", in_zone("b")));
  tree.add(*make_node("b3", in_zone("b")));
  tree.add(*make_node("a2", in_zone("a")));
  CHECK(tree.order() == Names{"b1", "a1", "b2", "a2", "b3"});
  tree.remove(*make_node("b2", in_zone("b")));
  CHECK(tree.order() == Names{"b1", "a1", "b3", "a2"});
  tree.update(*make_node("b1", in_zone("b")), *make_node("b1", in_zone("a")));
  CHECK(tree.order() == Names{"b3", "a1", "a2", "b1"});
  tree.remove(*make_node("b3", in_zone("b")));
  CHECK(tree.order() == Names{"a1", "a2", "b1"});
  CHECK(tree.size() == 3);
}

TEST_CASE("the beta labels win over the stable ones; region and zone do not run together") {
  json both = in_zone("new");
  both["metadata"]["labels"]["failure-domain.beta.kubernetes.io/zone"] = "old";
  CHECK(zone_key(*make_node("n", both)) == std::string("") + std::string(":\0:", 3) + "old");
  CHECK(zone_key(*make_node("n")).empty());
  json region = json::object();
  region["metadata"]["labels"]["topology.kubernetes.io/region"] = "x";
  CHECK(zone_key(*make_node("n", region)) != zone_key(*make_node("n", in_zone("x"))));
}

TEST_CASE("the order is taken anew only when a node came or went") {
  Cache cache;
  cache.add_node(make_node("n1", in_zone("a")));
  cache.add_node(make_node("n2", in_zone("a")));
  cache.add_node(make_node("n3", in_zone("b")));
  CHECK(names(cache.snapshot()) == Names{"n1", "n3", "n2"});
  cache.update_node(make_node("n1", in_zone("a")), make_node("n1", in_zone("b")));
  CHECK(names(cache.snapshot()) == Names{"n1", "n3", "n2"});
  // Gone and back between two snapshots is no change either.
  cache.remove_node(*make_node("n3", in_zone("b")));
  cache.add_node(make_node("n3", in_zone("b")));
  CHECK(names(cache.snapshot()) == Names{"n1", "n3", "n2"});
  cache.add_node(make_node("n4", in_zone("a")));
  CHECK(names(cache.snapshot()) == Names{"n2", "n1", "n4", "n3"});
  CHECK(cache.snapshot().find("n4")->name == "n4");
  CHECK(cache.snapshot().find("none") == nullptr);
}

TEST_CASE("a reservation gives the room back unless it is committed") {
  Cache cache;
  cache.add_node(make_node("n1"));
  auto pod = make_pod("p", asking("1", "1Gi"));
  const auto& node = *cache.nodes().at("n1");
  {
    auto reservation = cache.assume(pod, "n1");
    CHECK(node.requested.milli_cpu == 1000);
    CHECK(cache.is_assumed("p"));
    CHECK(cache.assumed_count() == 1);
  }
  CHECK(node.requested == ResourceAmounts());
  CHECK_FALSE(cache.is_assumed("p"));
  {
    auto reservation = cache.assume(pod, "n1");
    auto moved = std::move(reservation);
    moved.commit();
  }
  CHECK(node.requested.milli_cpu == 1000);
  CHECK(cache.is_assumed("p"));
}

TEST_CASE("what the hub says confirms or corrects an assumed pod") {
  Cache cache;
  cache.add_node(make_node("n1"));
  cache.add_node(make_node("n2"));
  auto reservation = cache.assume(make_pod("p", asking("1", "1Gi")), "n1");
  SUBCASE("bound there: the reservation has nothing to give back any more") {
    cache.add_pod(make_pod("p", asking("1", "1Gi", "n1")));
    CHECK_FALSE(cache.is_assumed("p"));
    reservation.release();
    CHECK(cache.nodes().at("n1")->pods.size() == 1);
  }
  SUBCASE("bound elsewhere: the hub is right") {
    cache.add_pod(make_pod("p", asking("1", "1Gi", "n2")));
    CHECK(cache.nodes().at("n1")->requested == ResourceAmounts());
    CHECK(cache.nodes().at("n2")->requested.milli_cpu == 1000);
    CHECK(cache.node_of("p") == "n2");
  }
  SUBCASE("gone") {
    cache.remove_pod("p");
    CHECK(cache.nodes().at("n1")->pods.empty());
    reservation.release();
    CHECK(cache.pod_count() == 0);
  }
}

TEST_CASE("a reservation may outlive the cache") {
  Reservation reservation;
  {
    Cache cache;
    cache.add_node(make_node("n1"));
    reservation = cache.assume(make_pod("p"), "n1");
  }
  reservation.release();
}

TEST_CASE("ghosts: pods of unknown nodes, and nodes that went before their pods") {
  Cache cache;
  cache.add_pod(make_pod("p", asking("1", "", "n1")));
  CHECK(cache.snapshot().nodes.empty());
  cache.add_node(make_node("n1"));
  REQUIRE(cache.snapshot().nodes.size() == 1);
  CHECK(cache.snapshot().nodes[0]->requested.milli_cpu == 1000);
  cache.remove_node(*make_node("n1"));
  CHECK(cache.snapshot().nodes.empty());
  CHECK(cache.nodes().contains("n1"));
  cache.remove_pod("p");
  CHECK(cache.nodes().empty());
}

TEST_CASE("a pod that is removed gives back requests and ports; the last one fills its place") {
  NodeInfo node = node_info("n1");
  auto with_port = [](const std::string& name, int port) {
    auto changes = asking("1", "");
    changes["spec"]["containers"][0]["ports"] = json::array({json::object({{"hostPort", port}})});
    return make_pod(name, changes);
  };
  node.add_pod(with_port("a", 1));
  node.add_pod(with_port("b", 2));
  node.add_pod(with_port("c", 3));
  CHECK(node.remove_pod("a"));
  CHECK_FALSE(node.remove_pod("a"));
  CHECK(node.pods[0]->uid() == "c");
  CHECK(node.pods[1]->uid() == "b");
  CHECK(node.requested.milli_cpu == 2000);
  CHECK(node.used_ports.size() == 2);
}
