// Binding, and what else may change a pod. Source: BindingREST of Kubernetes' core registry.
#include "libs/base/planted.hpp"
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kPods = "/api/v1/namespaces/default/pods";

Json binding(const std::string& pod, const std::string& node) {
  auto out = Json::parse(R"({"apiVersion":"v1","kind":"Binding","target":{"kind":"Node"}})");
  out["metadata"]["name"] = pod;
  out["target"]["name"] = node;
  return out;
}

struct OnePod : HubFixture {
  explicit OnePod(HubOptions options = default_options()) : HubFixture(1, std::move(options)) {
    make_default_account();
    REQUIRE(post(kPods, pod("web")).code == 201);
  }
};

TEST_CASE("a binding assigns the pod, whether the node exists or not") {
  OnePod hub;
  auto body = binding("web", "node-1");
  body["metadata"]["annotations"]["why"] = "it fits";
  auto answer = hub.post(kPods + "/web/binding", body);
  CHECK(answer.code == 201);
  auto status = answer.json();
  CHECK(status["kind"] == "Status");
  CHECK(status["status"] == "Success");
  CHECK(status["code"] == 201);
  auto pod = hub.get(kPods + "/web").json();
  CHECK(pod["spec"]["nodeName"] == "node-1");
  CHECK(pod["metadata"]["annotations"]["why"] == "it fits");
  CHECK(pod["metadata"]["generation"] == 1);
  REQUIRE(pod["status"]["conditions"].size() == 1);
  CHECK(pod["status"]["conditions"][0]["type"] == "PodScheduled");
  CHECK(pod["status"]["conditions"][0]["status"] == "True");
  CHECK(hub.get(kPods + "?fieldSelector=spec.nodeName%3Dnode-1").json()["items"].size() == 1);
  CHECK(hub.get(kPods + "?fieldSelector=spec.nodeName%3D").json()["items"].empty());
}

TEST_CASE("a pod is bound once") {
  OnePod hub;
  CHECK(hub.post(kPods + "/web/binding", binding("web", "node-1")).code == 201);
  auto answer = hub.post(kPods + "/web/binding", binding("web", "node-1"));
  CHECK(answer.code == 409);
  CHECK(answer.json()["reason"] == "Conflict");
  CHECK(answer.json()["message"] ==
        "Operation cannot be fulfilled on pods/binding \"web\": pod web is already assigned to node \"node-1\"");
}

TEST_CASE("with the check switched off the second binding wins: the test of the check would notice") {
  PlantedMistake mistake("hub-binds-assigned-pod");
  OnePod hub;
  CHECK(hub.post(kPods + "/web/binding", binding("web", "node-1")).code == 201);
  CHECK(hub.post(kPods + "/web/binding", binding("web", "node-2")).code == 201);
  CHECK(hub.get(kPods + "/web").json()["spec"]["nodeName"] == "node-2");
}

TEST_CASE("bindings that are refused") {
  OnePod hub;
  auto other_name = hub.post(kPods + "/web/binding", binding("other", "node-1"));
  CHECK(other_name.code == 400);
  CHECK(other_name.json()["message"] == "name in URL does not match name in Binding object");
  auto kind = binding("web", "node-1");
  kind["target"]["kind"] = "Rack";
  CHECK(hub.post(kPods + "/web/binding", kind).code == 500);
  CHECK(hub.post(kPods + "/web/binding", binding("web", "")).code == 500);
  CHECK(hub.post(kPods + "/gone/binding", binding("gone", "node-1")).code == 404);
  auto uid = binding("web", "node-1");
  uid["metadata"]["uid"] = "another";
  CHECK(hub.post(kPods + "/web/binding", uid).code == 409);

  auto gated = HubFixture::pod("gated");
  gated["spec"]["schedulingGates"] = Json::parse(R"([{"name":"example.com/wait"}])");
  auto made = hub.post(kPods, gated).json();
  CHECK(made["status"]["conditions"][0]["reason"] == "SchedulingGated");
  auto refused = hub.post(kPods + "/gated/binding", binding("gated", "node-1"));
  CHECK(refused.json()["message"] ==
        "Operation cannot be fulfilled on pods/binding \"gated\": pod gated has non-empty .spec.schedulingGates");

  auto held = HubFixture::pod("held");
  held["metadata"]["finalizers"] = {"example.com/guard"};
  hub.post(kPods, held);
  hub.remove(kPods + "/held");
  auto going = hub.post(kPods + "/held/binding", binding("held", "node-1"));
  CHECK(going.json()["message"] ==
        "Operation cannot be fulfilled on pods/binding \"held\": pod held is being deleted, cannot be assigned to a "
        "host");
}

TEST_CASE("zone and region of the node come with the binding; /bindings does the same") {
  OnePod hub;
  auto node =
      Json::parse(R"({"metadata":{"name":"node-1","labels":{"topology.kubernetes.io/zone":"z1","other":"x"}}})");
  CHECK(hub.post("/api/v1/nodes", node).code == 201);
  CHECK(hub.post("/api/v1/namespaces/default/bindings", binding("web", "node-1")).code == 201);
  auto labels = hub.get(kPods + "/web").json()["metadata"]["labels"];
  CHECK(labels == Json::parse(R"({"topology.kubernetes.io/zone":"z1"})"));
}

TEST_CASE("status and spec are written by their own paths") {
  OnePod hub;
  auto pod = hub.get(kPods + "/web").json();
  auto wanted = pod;
  wanted["status"]["phase"] = "Running";
  auto main_write = hub.put(kPods + "/web", wanted).json();
  CHECK(main_write["status"]["phase"] == "Pending");
  wanted["spec"]["nodeName"] = "node-9";
  wanted["metadata"]["labels"]["seen"] = "yes";
  wanted["metadata"]["ownerReferences"] = Json::parse(R"([{"apiVersion":"v1","kind":"Pod","name":"x","uid":"y"}])");
  auto status_write = hub.put(kPods + "/web/status", wanted);
  CHECK(status_write.code == 200);
  auto after = status_write.json();
  CHECK(after["status"]["phase"] == "Running");
  CHECK_FALSE(after["spec"].contains("nodeName"));
  CHECK(after["metadata"]["labels"]["seen"] == "yes");
  CHECK_FALSE(after["metadata"].contains("ownerReferences"));
  CHECK(after["metadata"]["generation"] == 1);
  CHECK(hub.get(kPods + "/web/status").json() == after);
}

TEST_CASE("what may change in a pod's spec") {
  OnePod hub;
  auto image = hub.patch(kPods + "/web", Json::parse(R"({"spec":{"containers":[{"name":"c","image":"nginx:2"}]}})"));
  CHECK(image.code == 200);
  CHECK(image.json()["metadata"]["generation"] == 2);
  auto node = hub.patch(kPods + "/web", Json::parse(R"({"spec":{"nodeName":"n"}})"));
  CHECK(node.code == 422);
  CHECK(node.json()["message"].get<std::string>().starts_with(
      "Pod \"web\" is invalid: spec: Forbidden: pod updates may not change fields other than "
      "`spec.containers[*].image`,"
      "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
      "tolerations),"
      "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n"));
  auto more = hub.patch(kPods + "/web", Json::parse(R"({"spec":{"containers":[{"name":"d","image":"x"}]}})"));
  CHECK(more.json()["message"] ==
        "Pod \"web\" is invalid: spec.containers: Forbidden: pod updates may not add or remove containers");
  auto tolerations = hub.get(kPods + "/web").json()["spec"]["tolerations"];
  tolerations.push_back(Json::parse(R"({"key":"a","operator":"Exists"})"));
  Json patch;
  patch["spec"]["tolerations"] = tolerations;
  CHECK(hub.patch(kPods + "/web", patch).code == 200);
  CHECK(hub.patch(kPods + "/web", Json::parse(R"({"spec":{"activeDeadlineSeconds":50}})")).code == 200);
  CHECK(hub.patch(kPods + "/web", Json::parse(R"({"spec":{"activeDeadlineSeconds":60}})")).code == 422);
}

}  // namespace
}  // namespace kubeloop::apiserver
