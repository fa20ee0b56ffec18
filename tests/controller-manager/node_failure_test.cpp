// The life and death of nodes against the real hub, in virtual time. Expected times and texts: Kubernetes'
// node lifecycle controller (50 s, one pass later the NoExecute taint, 300 s of toleration) and those beside it.
#include "tests/controller-manager/hub_world.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

const Strings kDead = {"unreachable:NoExecute", "unreachable:NoSchedule"};

struct Cluster : HubWorld {
  explicit Cluster(int nodes, std::optional<std::uint64_t> shuffle = std::nullopt) : HubWorld(1, shuffle) {
    options.root_ca_pem = "PEM";
    start_manager();
    for (int i = 1; i <= nodes; ++i) add_node(fmt::format("node-{}", i));
    run_for(5s);
  }
  std::string ready(const std::string& name) { return condition(node(name), "Ready")["status"]; }
  bool is_unknown(const std::string& name) { return ready(name) == "Unknown"; }
  bool has_no_execute(const std::string& name) { return taints(node(name)) == kDead; }
};

}  // namespace

TEST_CASE("a node that falls silent: Unknown after 50 to 55 s, NoExecute a pass later, eviction 300 s after that") {
  Cluster world(3);
  world.add_pod("web", "node-1");
  CHECK(world.taints(world.node("node-1")).empty());
  world.run_for(15s);
  // The last renewal is known to the tenth of a second; t0 is when the node stops.
  world.beating.erase("node-1");
  Duration t0 = world.now();
  Duration unknown = world.run_until(70s, [&] { return world.is_unknown("node-1"); });
  // The last sign of life was up to 10 s before t0.
  CHECK(unknown - t0 >= 40s);
  CHECK(unknown - t0 <= 56s);
  world.run_for(500ms);
  auto node = world.node("node-1");
  for (std::string type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
    CAPTURE(type);
    auto condition = world.condition(node, type);
    CHECK(condition["status"] == "Unknown");
    CHECK(condition["reason"] == "NodeStatusUnknown");
    CHECK(condition["message"] == "Kubelet stopped posting node status.");
    // When it was last heard stays; when it changed is now.
    CHECK(condition["lastHeartbeatTime"] < condition["lastTransitionTime"]);
  }
  CHECK(world.taints(node) == Strings{"unreachable:NoSchedule"});
  auto web = world.pod("web");
  CHECK(world.condition(*web, "Ready")["status"] == "False");
  CHECK((*web)["status"]["phase"] == "Running");
  CHECK_FALSE((*web)["metadata"].contains("deletionTimestamp"));

  Duration tainted = world.run_until(20s, [&] { return world.has_no_execute("node-1"); });
  CHECK(tainted - unknown >= 4s);
  CHECK(tainted - unknown <= 6s);
  for (const auto& taint : world.node("node-1")["spec"]["taints"]) CHECK(taint.contains("timeAdded"));

  Duration evicted =
      world.run_until(400s, [&] { return (*world.pod("web"))["metadata"].contains("deletionTimestamp"); });
  CHECK(evicted - tainted >= 299s);
  CHECK(evicted - tainted <= 302s);
  auto target = world.condition(*world.pod("web"), "DisruptionTarget");
  CHECK(target["status"] == "True");
  CHECK(target["reason"] == "DeletionByTaintManager");
  CHECK(target["message"] == "Taint manager: deleting due to NoExecute taint");
  world.run_for(1s);
  auto node_events = world.events("default", "node-1");
  CHECK(node_events["Normal NodeNotReady Node node-1 status is now: NodeNotReady (node-controller)"] == 1);
  CHECK(
      node_events["Normal RegisteredNode Node node-1 event: Registered Node node-1 in Controller (node-controller)"] ==
      1);
  auto pod_events = world.events("default", "web");
  CHECK(pod_events["Warning NodeNotReady Node is not ready (node-controller)"] == 1);
  CHECK(pod_events["Normal TaintManagerEviction Marking for deletion Pod default/web (taint-eviction-controller)"] ==
        1);
  CHECK(pod_events.size() == 2);
  // The others have not been touched.
  CHECK(world.ready("node-2") == "True");
  CHECK(world.taints(world.node("node-2")).empty());
}

TEST_CASE("a node that returns in time: taints go, the deletion is cancelled, the pod stays") {
  Cluster world(3);
  world.add_pod("web", "node-1");
  world.beating.erase("node-1");
  world.run_until(90s, [&] { return world.has_no_execute("node-1"); });
  CHECK(world.has_no_execute("node-1"));
  world.run_for(100s);
  world.set_ready("node-1", "True");
  world.beating.insert("node-1");
  Duration back = world.now();
  Duration clean = world.run_until(20s, [&] { return world.taints(world.node("node-1")).empty(); });
  CHECK(clean - back <= 6s);
  world.run_for(400s);
  auto web = world.pod("web");
  REQUIRE(web.has_value());
  CHECK_FALSE((*web)["metadata"].contains("deletionTimestamp"));
  CHECK(world.condition(*web, "DisruptionTarget").is_null());
  auto events = world.events("default", "web");
  CHECK(events["Normal TaintManagerEviction Cancelling deletion of Pod default/web (taint-eviction-controller)"] == 1);
}

TEST_CASE("tolerations decide: none at all goes at once, for ever stays, a shorter time is kept") {
  Cluster world(3);
  auto toleration = [](std::optional<int> seconds) {
    json spec = json::object();
    json entry = json::parse(R"({"key":"example.com/broken","operator":"Exists","effect":"NoExecute"})");
    if (seconds) entry["tolerationSeconds"] = *seconds;
    spec["tolerations"] = json::array();
    spec["tolerations"].push_back(entry);
    return spec;
  };
  world.add_pod("none", "node-1");
  world.add_pod("short", "node-1", toleration(30));
  world.add_pod("forever", "node-1", toleration(std::nullopt));
  std::string body = R"({"spec":{"taints":[{"key":"example.com/broken","effect":"NoExecute"}]}})";
  world.run(world.admin.patch(api::kNodes, "", "node-1", client::PatchType::kMerge, body, client::Cause()));
  auto is_leaving = [&](const std::string& name) {
    auto pod = world.pod(name);
    return !pod || (*pod)["metadata"].contains("deletionTimestamp");
  };
  world.run_for(1s);
  CHECK(is_leaving("none"));
  CHECK_FALSE(is_leaving("short"));
  world.run_for(27s);
  CHECK_FALSE(is_leaving("short"));
  world.run_for(3s);
  CHECK(is_leaving("short"));
  world.run_for(600s);
  CHECK_FALSE(is_leaving("forever"));
}

TEST_CASE("when every node is dead nothing is evicted; when one returns, the others get a full grace period") {
  Cluster world(3);
  world.add_pod("web", "node-1");
  world.beating.clear();
  world.run_for(70s);
  for (std::string name : {"node-1", "node-2", "node-3"})
    CHECK(world.taints(world.node(name)) == Strings{"unreachable:NoSchedule"});
  world.run_for(600s);
  for (std::string name : {"node-1", "node-2", "node-3"})
    CHECK(world.taints(world.node(name)) == Strings{"unreachable:NoSchedule"});
  CHECK_FALSE((*world.pod("web"))["metadata"].contains("deletionTimestamp"));

  world.beating.insert("node-2");
  world.set_ready("node-2", "True");
  world.run_until(20s, [&] { return world.taints(world.node("node-2")).empty(); });
  CHECK(world.taints(world.node("node-2")).empty());
  // The dead ones are now tainted for eviction, one every ten seconds.
  world.run_until(60s, [&] { return world.has_no_execute("node-1") || world.has_no_execute("node-3"); });
  Duration first = world.now();
  CHECK_FALSE((world.has_no_execute("node-1") && world.has_no_execute("node-3")));
  world.run_until(60s, [&] { return world.has_no_execute("node-1") && world.has_no_execute("node-3"); });
  CHECK(world.now() - first >= 9s);
  CHECK(world.now() - first <= 11s);
}

TEST_CASE("zones: one that is dead as a whole is evicted at the normal rate, while another lives") {
  Cluster world(0);
  for (std::string name : {"a-1", "a-2", "b-1"}) {
    json labels = json::object();
    labels["topology.kubernetes.io/zone"] = name.substr(0, 1);
    world.add_node(name, labels);
  }
  world.run_for(20s);
  world.beating.erase("a-1");
  world.beating.erase("a-2");
  world.run_for(62s);
  int tainted = world.has_no_execute("a-1") + world.has_no_execute("a-2");
  world.run_for(15s);
  CHECK(tainted >= 1);
  CHECK(world.has_no_execute("a-1"));
  CHECK(world.has_no_execute("a-2"));
  CHECK(world.taints(world.node("b-1")).empty());
}

TEST_CASE("a small zone with most of its nodes dead is not evicted") {
  Cluster world(5);
  for (int i = 1; i <= 3; ++i) world.beating.erase(fmt::format("node-{}", i));
  world.run_for(200s);
  for (int i = 1; i <= 3; ++i)
    CHECK(world.taints(world.node(fmt::format("node-{}", i))) == Strings{"unreachable:NoSchedule"});
}

TEST_CASE("a node that says NotReady is tainted not-ready, and swaps at once when it falls silent") {
  Cluster world(3);
  world.set_ready("node-1", "False");
  world.run_for(10s);
  CHECK(world.taints(world.node("node-1")) == Strings{"not-ready:NoExecute", "not-ready:NoSchedule"});
  world.beating.erase("node-1");
  world.run_for(75s);
  CHECK(world.taints(world.node("node-1")) == kDead);
}

TEST_CASE("a node that never posted a status gets 60 s") {
  Cluster world(1);
  world.add_node("silent", json::object(), false);
  Duration born = world.now();
  Duration unknown = world.run_until(80s, [&] { return !world.condition(world.node("silent"), "Ready").is_null(); });
  CHECK(unknown - born >= 59s);
  CHECK(unknown - born <= 67s);
  auto ready = world.condition(world.node("silent"), "Ready");
  CHECK(ready["status"] == "Unknown");
  CHECK(ready["reason"] == "NodeStatusNeverUpdated");
  CHECK(ready["message"] == "Kubelet never posted node status.");
}

TEST_CASE("cordoning shows as a taint") {
  Cluster world(1);
  std::string cordon = R"({"spec":{"unschedulable":true}})";
  world.run(world.admin.patch(api::kNodes, "", "node-1", client::PatchType::kMerge, cordon, client::Cause()));
  world.run_for(1s);
  CHECK(world.taints(world.node("node-1")) == Strings{"unschedulable:NoSchedule"});
  std::string uncordon = R"({"spec":{"unschedulable":null}})";
  world.run(world.admin.patch(api::kNodes, "", "node-1", client::PatchType::kMerge, uncordon, client::Cause()));
  world.run_for(1s);
  CHECK(world.taints(world.node("node-1")).empty());
}

TEST_CASE("every node has its own pod network, kept over a restart and freed with the node") {
  Cluster world(3);
  std::set<std::string> cidrs;
  auto cidr = [&](const std::string& name) { return world.node(name)["spec"].value("podCIDR", ""); };
  for (std::string name : {"node-1", "node-2", "node-3"}) {
    cidrs.insert(cidr(name));
    CHECK(world.node(name)["spec"]["podCIDRs"][0] == cidr(name));
  }
  CHECK(cidrs == std::set<std::string>{"10.128.0.0/24", "10.128.1.0/24", "10.128.2.0/24"});
  world.stop_manager();
  std::string freed = cidr("node-1");
  world.run(world.admin.remove(api::kNodes, "", "node-1", "", client::Cause()));
  world.start_manager();
  world.run_for(2s);
  world.add_node("node-4");
  world.add_node("node-5");
  world.run_for(2s);
  // After a restart the search begins at the front: the freed one comes first, what is in use never.
  CHECK(cidr("node-4") == freed);
  CHECK(cidr("node-5") == "10.128.3.0/24");
}

TEST_CASE("every active namespace has its account and the root CA, also after they are deleted or changed") {
  Cluster world(0);
  auto exists = [&](api::Resource resource, const std::string& namespace_, const std::string& name) {
    return world.try_run(world.admin.get(resource, namespace_, name, client::Cause())).has_value();
  };
  for (std::string name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    CAPTURE(name);
    CHECK(exists(api::kServiceAccounts, name, "default"));
    CHECK(exists(api::kConfigMaps, name, "kube-root-ca.crt"));
  }
  std::string lab = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"lab"}})";
  world.run(world.admin.create(api::kNamespaces, "", lab, client::Cause()));
  world.run_for(1s);
  CHECK(exists(api::kServiceAccounts, "lab", "default"));
  world.run(world.admin.remove(api::kServiceAccounts, "lab", "default", "", client::Cause()));
  std::string spoiled = R"({"data":{"ca.crt":"x","y":"z"}})";
  world.run(world.admin.patch(api::kConfigMaps, "lab", "kube-root-ca.crt", client::PatchType::kMerge, spoiled,
                              client::Cause()));
  world.run_for(1s);
  CHECK(exists(api::kServiceAccounts, "lab", "default"));
  auto map = world.run(world.admin.get(api::kConfigMaps, "lab", "kube-root-ca.crt", client::Cause()));
  CHECK(map["data"] == json::parse(R"({"ca.crt":"PEM"})"));
}

TEST_CASE("pods of a deleted node vanish within a minute or so") {
  Cluster world(2);
  world.add_pod("web", "node-1");
  world.beating.erase("node-1");
  world.run(world.admin.remove(api::kNodes, "", "node-1", "", client::Cause()));
  world.run_for(39s);
  CHECK(world.pod("web").has_value());
  world.run_for(32s);
  CHECK_FALSE(world.pod("web").has_value());
  CHECK(
      world.events(
          "default",
          "node-1")["Normal RemovingNode Node node-1 event: Removing Node node-1 from Controller (node-controller)"] ==
      1);
}
