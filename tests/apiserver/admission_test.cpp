// The admission plugins and the strategies' defaults. Source: Kubernetes' plugins of the same names.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kPods = "/api/v1/namespaces/default/pods";

struct Accounted : HubFixture {
  Accounted() { make_default_account(); }
};

TEST_CASE("ServiceAccount: it must exist, and may keep its token to itself") {
  HubFixture hub;
  auto refused = hub.post(kPods, HubFixture::pod("web"));
  CHECK(refused.code == 403);
  CHECK(refused.json()["message"] ==
        "pods \"web\" is forbidden: error looking up service account default/default: serviceaccount \"default\" not "
        "found");
  hub.post(
      "/api/v1/namespaces/default/serviceaccounts",
      Json::parse(
          R"({"metadata":{"name":"quiet"},"automountServiceAccountToken":false,"imagePullSecrets":[{"name":"s"}]})"));
  auto pod = HubFixture::pod("web");
  pod["spec"]["serviceAccountName"] = "quiet";
  auto made = hub.post(kPods, pod).json();
  CHECK_FALSE(made["spec"].contains("volumes"));
  CHECK(made["spec"]["imagePullSecrets"] == Json::parse(R"([{"name":"s"}])"));
  pod["metadata"]["name"] = "loud";
  pod["spec"]["automountServiceAccountToken"] = true;
  CHECK(hub.post(kPods, pod).json()["spec"]["volumes"].size() == 1);
}

TEST_CASE("ServiceAccount: the volume is exactly that of Kubernetes") {
  Accounted hub;
  auto spec = hub.post(kPods, HubFixture::pod("web")).json()["spec"];
  auto expected = Json::parse(R"({"defaultMode":420,"sources":[
    {"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},
    {"configMap":{"items":[{"key":"ca.crt","path":"ca.crt"}],"name":"kube-root-ca.crt"}},
    {"downwardAPI":{"items":[
      {"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"},"path":"namespace"}]}}]})");
  CHECK(spec["volumes"][0]["projected"] == expected);
  CHECK(spec["containers"][0]["volumeMounts"][0]["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount");
}

TEST_CASE("TaintNodesByCondition: a new node is tainted once") {
  HubFixture hub;
  auto node = hub.post("/api/v1/nodes",
                       Json::parse(R"({"metadata":{"name":"n"},"status":{"capacity":{"cpu":"4","memory":"8Gi"}}})"));
  REQUIRE(node.code == 201);
  CHECK(node.json()["spec"]["taints"] ==
        Json::parse(R"([{"effect":"NoSchedule","key":"node.kubernetes.io/not-ready"}])"));
  CHECK(node.json()["status"]["allocatable"] == node.json()["status"]["capacity"]);
  auto patched = hub.patch("/api/v1/nodes/n", Json::parse(R"({"spec":{"taints":null}})"));
  CHECK_FALSE(patched.json()["spec"].contains("taints"));
}

TEST_CASE("Priority: built-in classes, unknown ones, numbers that do not fit") {
  Accounted hub;
  auto pod = HubFixture::pod("web");
  pod["spec"]["priorityClassName"] = "system-node-critical";
  CHECK(hub.post(kPods, pod).json()["spec"]["priority"] == 2000001000);
  pod["metadata"]["name"] = "b";
  pod["spec"]["priorityClassName"] = "gold";
  CHECK(hub.post(kPods, pod).json()["message"] == "pods \"b\" is forbidden: no PriorityClass with name gold was found");
  pod["spec"].erase("priorityClassName");
  pod["spec"]["priority"] = 5;
  CHECK(hub.post(kPods, pod).json()["message"] ==
        "pods \"b\" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority "
        "admission controller "
        "computed 0 from the given PriorityClass name");
}

TEST_CASE("DefaultTolerationSeconds leaves alone what a pod tolerates already") {
  Accounted hub;
  auto pod = HubFixture::pod("web");
  pod["spec"]["tolerations"] =
      Json::parse(R"([{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute"}])");
  auto tolerations = hub.post(kPods, pod).json()["spec"]["tolerations"];
  REQUIRE(tolerations.size() == 2);
  CHECK_FALSE(tolerations[0].contains("tolerationSeconds"));
  CHECK(tolerations[1]["key"] == "node.kubernetes.io/unreachable");
  pod["metadata"]["name"] = "all";
  pod["spec"]["tolerations"] = Json::parse(R"([{"operator":"Exists"}])");
  CHECK(hub.post(kPods, pod).json()["spec"]["tolerations"].size() == 1);

  HubOptions options = HubFixture::default_options();
  options.not_ready_toleration_seconds = 7;
  HubFixture quick(1, options);
  quick.make_default_account();
  auto short_one = quick.post(kPods, HubFixture::pod("web")).json()["spec"]["tolerations"];
  CHECK(short_one[0]["tolerationSeconds"] == 7);
  CHECK(short_one[1]["tolerationSeconds"] == 300);
}

TEST_CASE("pull policies, requests out of limits, quantities, host ports") {
  Accounted hub;
  auto pod = Json::parse(R"({"metadata":{"name":"web"},"spec":{"hostNetwork":true,"containers":[
    {"name":"a","image":"nginx","ports":[{"containerPort":80}]},
    {"name":"b","image":"host:5000/nginx:latest"},
    {"name":"c","image":"host:5000/nginx"},
    {"name":"d","image":"nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000"},
    {"name":"e","image":"nginx:1",
     "resources":{"limits":{"cpu":"0.5","memory":"1024Mi"},"requests":{"memory":"1Gi"}}}]}})");
  auto answer = hub.post(kPods, pod);
  REQUIRE(answer.code == 201);
  auto made = answer.json();
  auto& containers = made["spec"]["containers"];
  CHECK(containers[0]["imagePullPolicy"] == "Always");
  CHECK(containers[1]["imagePullPolicy"] == "Always");
  CHECK(containers[2]["imagePullPolicy"] == "Always");
  CHECK(containers[3]["imagePullPolicy"] == "IfNotPresent");
  CHECK(containers[4]["imagePullPolicy"] == "IfNotPresent");
  CHECK(containers[0]["ports"] == Json::parse(R"([{"containerPort":80,"hostPort":80,"protocol":"TCP"}])"));
  CHECK(containers[4]["resources"]["requests"] == Json::parse(R"({"cpu":"500m","memory":"1Gi"})"));
  CHECK(made["status"]["qosClass"] == "Burstable");
}

TEST_CASE("quality of service") {
  struct Case {
    const char* name;
    const char* resources;
    const char* expected;
  };
  const Case cases[] = {
      {"a", R"({})", "BestEffort"},
      {"b", R"({"limits":{"cpu":"1","memory":"1Gi"}})", "Guaranteed"},
      {"c", R"({"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}})", "Burstable"},
      {"d", R"({"requests":{"cpu":"1"}})", "Burstable"},
      {"e", R"({"limits":{"cpu":"1"}})", "Burstable"},
  };
  Accounted hub;
  for (const auto& one : cases) {
    auto pod = HubFixture::pod(one.name);
    pod["spec"]["containers"][0]["resources"] = Json::parse(one.resources);
    CHECK_MESSAGE(hub.post(kPods, pod).json()["status"]["qosClass"] == one.expected, one.resources);
  }
}

TEST_CASE("a node's pod CIDR has two names and stays") {
  HubFixture hub;
  hub.post("/api/v1/nodes", Json::parse(R"({"metadata":{"name":"n"}})"));
  auto set =
      hub.patch("/api/v1/nodes/n", Json::parse(R"({"spec":{"podCIDR":"10.128.0.0/24","podCIDRs":["10.128.0.0/24"]}})"));
  CHECK(set.json()["spec"]["podCIDRs"] == Json::array({"10.128.0.0/24"}));
  auto changed = hub.patch("/api/v1/nodes/n", Json::parse(R"({"spec":{"podCIDR":"10.128.1.0/24","podCIDRs":null}})"));
  CHECK(changed.code == 422);
  CHECK(changed.json()["message"].get<std::string>().find(
            "node updates may not change podCIDR except from \"\" to valid") != std::string::npos);
}

}  // namespace
}  // namespace kubeloop::apiserver
