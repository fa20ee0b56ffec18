// The filters that look at one node, as tables. Rules and reason strings: those of
// kube-scheduler 1.35.
#include "scheduler/framework/node_selector.hpp"
#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;
using Code = PluginStatus::Code;

namespace {

const Profile& profile() {
  static const Profile kProfile = make_default_profile();
  return kProfile;
}

PluginStatus filter(std::string_view plugin, const PodInfo& pod, const NodeInfo& node) {
  CycleState state;
  return find_point(profile().filter, plugin).filter(state, pod, node);
}

void check_rejected(const PluginStatus& status, Code code, const std::string& message) {
  CHECK(status.code == code);
  CHECK(status.message() == message);
}

json tolerating(const std::string& toleration) {
  return spec(R"({"tolerations": [)" + toleration + "]}");
}

}  // namespace

TEST_CASE("NodeUnschedulable") {
  auto cordoned = node_info("n", spec(R"({"unschedulable": true})"));
  auto open = node_info("n");
  const char* reason = "node(s) were unschedulable";
  CHECK(filter("NodeUnschedulable", *make_pod("p"), open).is_success());
  check_rejected(filter("NodeUnschedulable", *make_pod("p"), cordoned), Code::kUnschedulableAndUnresolvable, reason);
  auto tolerant = make_pod("p", tolerating(R"({"key": "node.kubernetes.io/unschedulable", "operator": "Exists"})"));
  CHECK(filter("NodeUnschedulable", *tolerant, cordoned).is_success());
  auto other = make_pod("p", tolerating(R"({"key": "node.kubernetes.io/unschedulable", "operator": "Exists",
                                            "effect": "NoExecute"})"));
  check_rejected(filter("NodeUnschedulable", *other, cordoned), Code::kUnschedulableAndUnresolvable, reason);
}

TEST_CASE("NodeName") {
  auto node = node_info("n1");
  CHECK(filter("NodeName", *make_pod("p"), node).is_success());
  CHECK(filter("NodeName", *make_pod("p", spec(R"({"nodeName": "n1"})")), node).is_success());
  check_rejected(filter("NodeName", *make_pod("p", spec(R"({"nodeName": "n2"})")), node),
                 Code::kUnschedulableAndUnresolvable, "node(s) didn't match the requested node name");
}

TEST_CASE("TaintToleration: which tolerations let a pod pass") {
  struct Row {
    const char* taint;
    const char* toleration;
    bool passes;
  };
  const Row rows[] = {
      {R"({"key": "a", "value": "1", "effect": "NoSchedule"})", "", false},
      {R"({"key": "a", "value": "1", "effect": "NoExecute"})", "", false},
      {R"({"key": "a", "value": "1", "effect": "PreferNoSchedule"})", "", true},
      {R"({"key": "a", "value": "1", "effect": "NoSchedule"})", R"({"key": "a", "value": "1"})", true},
      {R"({"key": "a", "value": "1", "effect": "NoSchedule"})", R"({"key": "a", "operator": "Equal", "value": "2"})",
       false},
      {R"({"key": "a", "value": "1", "effect": "NoSchedule"})", R"({"key": "a", "operator": "Exists"})", true},
      {R"({"key": "a", "value": "1", "effect": "NoSchedule"})", R"({"key": "b", "operator": "Exists"})", false},
      {R"({"key": "a", "value": "1", "effect": "NoSchedule"})", R"({"operator": "Exists"})", true},
      {R"({"key": "a", "effect": "NoSchedule"})", R"({"key": "a"})", true},
      {R"({"key": "a", "effect": "NoSchedule"})", R"({"key": "a", "effect": "NoExecute"})", false},
      {R"({"key": "a", "effect": "NoSchedule"})", R"({"key": "a", "effect": "NoSchedule"})", true},
      {R"({"key": "a", "effect": "NoSchedule"}, {"key": "b", "effect": "NoExecute"})", R"({"key": "a"})", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.taint);
    CAPTURE(row.toleration);
    auto node = node_info("n", spec(std::string(R"({"taints": [)") + row.taint + "]}"));
    auto status = filter("TaintToleration", *make_pod("p", tolerating(row.toleration)), node);
    CHECK(status.is_success() == row.passes);
    if (!row.passes) {
      check_rejected(status, Code::kUnschedulableAndUnresolvable, "node(s) had untolerated taint(s)");
    }
  }
}

TEST_CASE("node selector terms: every operator") {
  auto node = make_node("n1", json::parse(R"({"metadata": {"labels": {"zone": "a", "cores": "16", "word": "x"}}})"));
  struct Row {
    const char* term;
    bool matches;
  };
  const Row rows[] = {
      {R"({})", false},
      {R"({"matchExpressions": [{"key": "zone", "operator": "In", "values": ["b", "a"]}]})", true},
      {R"({"matchExpressions": [{"key": "zone", "operator": "In", "values": ["b"]}]})", false},
      {R"({"matchExpressions": [{"key": "none", "operator": "In", "values": ["a"]}]})", false},
      {R"({"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["b"]}]})", true},
      {R"({"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]})", false},
      {R"({"matchExpressions": [{"key": "none", "operator": "NotIn", "values": ["a"]}]})", true},
      {R"({"matchExpressions": [{"key": "zone", "operator": "Exists"}]})", true},
      {R"({"matchExpressions": [{"key": "none", "operator": "Exists"}]})", false},
      {R"({"matchExpressions": [{"key": "none", "operator": "DoesNotExist"}]})", true},
      {R"({"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]})", false},
      {R"({"matchExpressions": [{"key": "cores", "operator": "Gt", "values": ["8"]}]})", true},
      {R"({"matchExpressions": [{"key": "cores", "operator": "Gt", "values": ["16"]}]})", false},
      {R"({"matchExpressions": [{"key": "cores", "operator": "Lt", "values": ["17"]}]})", true},
      {R"({"matchExpressions": [{"key": "word", "operator": "Lt", "values": ["17"]}]})", false},
      {R"({"matchExpressions": [{"key": "none", "operator": "Gt", "values": ["0"]}]})", false},
      {R"({"matchExpressions": [{"key": "cores", "operator": "Gt", "values": ["many"]}]})", false},
      {R"({"matchExpressions": [{"key": "cores", "operator": "Gt", "values": ["1", "2"]}]})", false},
      {R"({"matchExpressions": [{"key": "zone", "operator": "Near", "values": ["a"]}]})", false},
      {R"({"matchExpressions": [{"key": "zone", "operator": "In"}]})", false},
      {R"({"matchExpressions": [{"key": "zone", "operator": "Exists"}, {"key": "none", "operator": "Exists"}]})",
       false},
      {R"({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]})", true},
      {R"({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n2"]}]})", false},
      {R"({"matchFields": [{"key": "metadata.name", "operator": "NotIn", "values": ["n2"]}]})", true},
      {R"({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1", "n2"]}]})", false},
      {R"({"matchFields": [{"key": "metadata.name", "operator": "Exists"}]})", false},
      {R"({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}],
           "matchExpressions": [{"key": "zone", "operator": "In", "values": ["b"]}]})",
       false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.term);
    auto term = to_view<api::NodeSelectorTerm>(json::parse(row.term));
    CHECK(does_term_match(*term, *node) == row.matches);
  }
}

TEST_CASE("NodeAffinity filters by nodeSelector and by required terms, both") {
  auto node = node_info("n1", json::parse(R"({"metadata": {"labels": {"zone": "a", "disk": "ssd"}}})"));
  const std::string required = R"("affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
    {"nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["b"]}]},
                           {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}]}}})";
  CHECK(filter("NodeAffinity", *make_pod("p", spec("{" + required + "}")), node).is_success());
  auto both = make_pod("p", spec(R"({"nodeSelector": {"zone": "a"}, )" + required + "}"));
  CHECK(filter("NodeAffinity", *both, node).is_success());
  auto wrong = make_pod("p", spec(R"({"nodeSelector": {"zone": "a", "disk": "hdd"}, )" + required + "}"));
  check_rejected(filter("NodeAffinity", *wrong, node), Code::kUnschedulableAndUnresolvable,
                 "node(s) didn't match Pod's node affinity/selector");
  auto no_terms = make_pod("p", spec(R"({"affinity": {"nodeAffinity":
    {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}}})"));
  CHECK(filter("NodeAffinity", *no_terms, node).code == Code::kUnschedulableAndUnresolvable);
}

TEST_CASE("NodePorts: same protocol and port, and the same address or either on every address") {
  struct Row {
    const char* taken;
    const char* wanted;
    bool passes;
  };
  const Row rows[] = {
      {R"({"hostPort": 80})", R"({"hostPort": 80})", false},
      {R"({"hostPort": 80})", R"({"hostPort": 81})", true},
      {R"({"hostPort": 80})", R"({"containerPort": 80})", true},
      {R"({"hostPort": 80, "protocol": "TCP"})", R"({"hostPort": 80})", false},
      {R"({"hostPort": 80, "protocol": "UDP"})", R"({"hostPort": 80})", true},
      {R"({"hostPort": 80, "hostIP": "10.0.0.1"})", R"({"hostPort": 80, "hostIP": "10.0.0.2"})", true},
      {R"({"hostPort": 80, "hostIP": "10.0.0.1"})", R"({"hostPort": 80, "hostIP": "10.0.0.1"})", false},
      {R"({"hostPort": 80, "hostIP": "10.0.0.1"})", R"({"hostPort": 80})", false},
      {R"({"hostPort": 80})", R"({"hostPort": 80, "hostIP": "10.0.0.1"})", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.taken);
    CAPTURE(row.wanted);
    auto with_port = [](const char* name, const char* port) {
      return make_pod(name, spec(std::string(R"({"containers": [{"name": "c", "ports": [)") + port + "]}]}"));
    };
    auto node = node_info("n");
    node.add_pod(with_port("first", row.taken));
    auto status = filter("NodePorts", *with_port("second", row.wanted), node);
    CHECK(status.is_success() == row.passes);
    if (!row.passes) {
      check_rejected(status, Code::kUnschedulable, "node(s) didn't have free ports for the requested pod ports");
    }
  }
  auto sidecar = make_pod("s", spec(R"({"initContainers": [
    {"name": "i", "ports": [{"hostPort": 1}]}, 
    {"name": "s", "restartPolicy": "Always", "ports": [{"hostPort": 2}]}]})"));
  REQUIRE(sidecar->host_ports.size() == 1);
  CHECK(sidecar->host_ports[0].port == 2);
}

TEST_CASE("NodeResourcesFit: what is short, and whether evicting could help") {
  struct Row {
    const char* pod;
    const char* used;  // by a pod on the node of 4 cpu, 8Gi, 100Gi ephemeral-storage
    Code code;
    const char* message;
  };
  const Row rows[] = {
      {R"({"cpu": "4", "memory": "8Gi"})", R"({})", Code::kSuccess, ""},
      {R"({"cpu": "3"})", R"({"cpu": "2"})", Code::kUnschedulable, "Insufficient cpu"},
      {R"({"cpu": "4001m"})", R"({})", Code::kUnschedulableAndUnresolvable, "Insufficient cpu"},
      {R"({"cpu": "3", "memory": "7Gi"})", R"({"cpu": "2", "memory": "2Gi"})", Code::kUnschedulable,
       "Insufficient cpu, Insufficient memory"},
      {R"({"cpu": "3", "memory": "9Gi"})", R"({"cpu": "2"})", Code::kUnschedulableAndUnresolvable,
       "Insufficient cpu, Insufficient memory"},
      {R"({"ephemeral-storage": "60Gi"})", R"({"ephemeral-storage": "50Gi"})", Code::kUnschedulable,
       "Insufficient ephemeral-storage"},
      {R"({"example.com/gpu": "1"})", R"({})", Code::kUnschedulableAndUnresolvable, "Insufficient example.com/gpu"},
      {R"({})", R"({"cpu": "5"})", Code::kSuccess, ""},
      {R"({"memory": "1"})", R"({"cpu": "5"})", Code::kSuccess, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.pod);
    CAPTURE(row.used);
    auto asking_for = [](const char* name, const char* requests) {
      return make_pod(
          name, spec(std::string(R"({"containers": [{"name": "c", "resources": {"requests": )") + requests + "}}]}"));
    };
    auto node = node_info("n");
    node.add_pod(asking_for("used", row.used));
    auto status = filter("NodeResourcesFit", *asking_for("p", row.pod), node);
    CHECK(status.code == row.code);
    CHECK(status.message() == row.message);
  }
}

TEST_CASE("NodeResourcesFit: the number of pods counts even for one that asks for nothing") {
  auto node = node_info("n", json::parse(R"({"status": {"allocatable": {"pods": "1"}}})"));
  CHECK(filter("NodeResourcesFit", *make_pod("p"), node).is_success());
  node.add_pod(make_pod("first"));
  check_rejected(filter("NodeResourcesFit", *make_pod("p"), node), Code::kUnschedulable, "Too many pods");
  check_rejected(filter("NodeResourcesFit", *make_pod("p", asking("5", "")), node), Code::kUnschedulableAndUnresolvable,
                 "Too many pods, Insufficient cpu");
}

TEST_CASE("SchedulingGates") {
  const auto& point = find_point(profile().pre_enqueue, "SchedulingGates");
  CHECK(point.pre_enqueue(*make_pod("p")).is_success());
  auto gated = point.pre_enqueue(*make_pod("p", spec(R"({"schedulingGates": [{"name": "a"}, {"name": "b"}]})")));
  CHECK(gated.is_rejected());
  CHECK(gated.message() == "waiting for scheduling gates: [a b]");
}

TEST_CASE("DefaultBinder binds through the subresource, with the uid") {
  auto pod = make_pod("web", json::parse(R"({"metadata": {"uid": "u-1"}})"));
  auto write = find_point(profile().bind, "DefaultBinder").bind(*pod, "n1");
  REQUIRE(write.has_value());
  CHECK(write->resource.path(write->namespace_, write->name, write->subresource) ==
        "/api/v1/namespaces/default/pods/web/binding");
  CHECK(json::parse(write->body) == json::parse(R"({"apiVersion": "v1", "kind": "Binding",
    "metadata": {"namespace": "default", "name": "web", "uid": "u-1"}, "target": {"kind": "Node", "name": "n1"}})"));
}

TEST_CASE("the default profile has the upstream order and weights") {
  auto names = [](const auto& entries) {
    std::string text;
    for (const auto& entry : entries) {
      text += (text.empty() ? "" : " ") + std::string(entry.plugin->name());
      if (entry.weight != 1) text += "*" + std::to_string(entry.weight);
    }
    return text;
  };
  CHECK(names(profile().filter) ==
        "NodeUnschedulable NodeName TaintToleration*3 NodeAffinity*2 NodePorts NodeResourcesFit");
  CHECK(names(profile().score) ==
        "TaintToleration*3 NodeAffinity*2 NodeResourcesFit NodeResourcesBalancedAllocation ImageLocality");
  CHECK(names(profile().post_filter) == "DynamicResources DefaultPreemption");
  CHECK(names(profile().queue_sort) == "PrioritySort");
  CHECK(names(profile().bind) == "DefaultBinder");
}
