// The scale subresource. Source: ScaleREST of Kubernetes' apps registry.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kWeb = "/apis/apps/v1/namespaces/default/deployments/web";

struct Scaled : HubFixture {
  Json made;

  Scaled() {
    auto object = Json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{
      "replicas":3,"selector":{"matchLabels":{"app":"web"},"matchExpressions":[
        {"key":"tier","operator":"In","values":["b","a"]},{"key":"old","operator":"DoesNotExist"}]},
      "template":{"metadata":{"labels":{"app":"web","tier":"a"}},
        "spec":{"containers":[{"name":"c","image":"nginx:1.25"}]}}}})");
    auto answer = post("/apis/apps/v1/namespaces/default/deployments", object);
    REQUIRE(answer.code == 201);
    made = answer.json();
  }
  Json deployment() { return get(kWeb).json(); }
};

TEST_CASE("GET shows the parent as a Scale") {
  Scaled hub;
  auto answer = hub.get(kWeb + "/scale");
  CHECK(answer.code == 200);
  auto scale = answer.json();
  CHECK(scale["apiVersion"] == "autoscaling/v1");
  CHECK(scale["kind"] == "Scale");
  Json metadata = Json::object();
  for (const char* name : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    metadata[name] = hub.made["metadata"][name];
  }
  CHECK(scale["metadata"] == metadata);
  CHECK(scale["spec"] == Json::parse(R"({"replicas":3})"));
  CHECK(scale["status"]["replicas"] == 0);
  CHECK(scale["status"]["selector"] == "app=web,!old,tier in (a,b)");
  CHECK(hub.get("/apis/apps/v1/namespaces/default/deployments/none/scale").json()["message"] ==
        "deployments.apps \"none\" not found");
  CHECK(hub.get("/api/v1/namespaces/default/configmaps/web/scale").code == 404);
  CHECK(hub.post(kWeb + "/scale", scale).code == 405);
}

TEST_CASE("PATCH writes spec.replicas and nothing else") {
  Scaled hub;
  auto answer = hub.patch(kWeb + "/scale", Json::parse(R"({"spec":{"replicas":5},"metadata":{"labels":{"a":"b"}},
                                          "status":{"replicas":9}})"),
                          "merge-patch");
  CHECK(answer.code == 200);
  CHECK(answer.json()["kind"] == "Scale");
  CHECK(answer.json()["spec"]["replicas"] == 5);
  CHECK(answer.json()["status"]["replicas"] == 0);
  auto now = hub.deployment();
  CHECK(now["spec"]["replicas"] == 5);
  CHECK(now["metadata"]["generation"] == 2);
  CHECK_FALSE(now["metadata"].contains("labels"));
  CHECK(answer.json()["metadata"]["resourceVersion"] == now["metadata"]["resourceVersion"]);
  // The other two kinds of patches.
  CHECK(hub.patch(kWeb + "/scale", Json::parse(R"({"spec":{"replicas":6}})")).json()["spec"]["replicas"] == 6);
  auto operations = Json::parse(R"([{"op":"replace","path":"/spec/replicas","value":0}])");
  CHECK(hub.patch(kWeb + "/scale", operations, "json-patch").json()["spec"] == Json::object());
  CHECK(hub.deployment()["spec"]["replicas"] == 0);
  // What is so already is not written.
  auto before = hub.deployment()["metadata"]["resourceVersion"];
  CHECK(hub.patch(kWeb + "/scale", Json::parse(R"({"spec":{"replicas":0}})")).code == 200);
  CHECK(hub.deployment()["metadata"]["resourceVersion"] == before);
}

TEST_CASE("PUT checks the parent's resourceVersion") {
  Scaled hub;
  auto scale = hub.get(kWeb + "/scale").json();
  scale["spec"]["replicas"] = 4;
  // kubectl sends it without a Content-Type.
  CHECK(hub.put(kWeb + "/scale", scale).code == 200);
  CHECK(hub.deployment()["spec"]["replicas"] == 4);
  auto stale = hub.put(kWeb + "/scale", scale);
  CHECK(stale.code == 409);
  CHECK(stale.json()["message"] ==
        "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your "
        "changes to the latest version and try again");
  auto patch = Json::parse(R"({"metadata":{"resourceVersion":"1"},"spec":{"replicas":1}})");
  CHECK(hub.patch(kWeb + "/scale", patch, "merge-patch").code == 409);
  // Without one it is unconditional.
  scale["metadata"].erase("resourceVersion");
  scale["spec"]["replicas"] = 2;
  CHECK(hub.put(kWeb + "/scale", scale).json()["spec"]["replicas"] == 2);
  // No spec at all means none.
  scale.erase("spec");
  CHECK(hub.put(kWeb + "/scale", scale).code == 200);
  CHECK(hub.deployment()["spec"]["replicas"] == 0);
}

TEST_CASE("what a Scale cannot be") {
  Scaled hub;
  auto scale = hub.get(kWeb + "/scale").json();
  scale["spec"]["replicas"] = -1;
  auto negative = hub.put(kWeb + "/scale", scale);
  CHECK(negative.code == 422);
  CHECK(negative.json()["message"] ==
        "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0");
  CHECK(hub.patch(kWeb + "/scale", Json::parse(R"({"spec":{"replicas":-1}})"), "merge-patch").code == 422);
  scale["spec"]["replicas"] = 1;
  scale["metadata"]["uid"] = "other";
  auto replaced = hub.put(kWeb + "/scale", scale);
  CHECK(replaced.code == 409);
  CHECK(replaced.json()["message"].get<std::string>().starts_with(
      "Operation cannot be fulfilled on deployments/scale.apps \"web\": Precondition failed: UID in precondition: "
      "other, "
      "UID in object meta: "));
  scale["metadata"]["name"] = "shop";
  CHECK(hub.put(kWeb + "/scale", scale).json()["message"] ==
        "the name of the object (shop) does not match the name on the URL (web)");
  CHECK(hub.deployment()["spec"]["replicas"] == 3);
}

TEST_CASE("a dry run scales nothing") {
  Scaled hub;
  auto answer = hub.patch(kWeb + "/scale?dryRun=All", Json::parse(R"({"spec":{"replicas":8}})"), "merge-patch");
  CHECK(answer.json()["spec"]["replicas"] == 8);
  CHECK(hub.deployment()["spec"]["replicas"] == 3);
}

TEST_CASE("a Scale as a table") {
  Scaled hub;
  auto table = hub.get(kWeb + "/scale", {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}}).json();
  CHECK(table["kind"] == "Table");
  std::string names;
  for (const auto& column : table["columnDefinitions"]) names += column["name"].get<std::string>() + " ";
  CHECK(names == "Name Desired Available Age ");
  CHECK(table["rows"][0]["cells"] == Json::parse(R"(["web",3,0,"0s"])"));
}

}  // namespace
}  // namespace kubeloop::apiserver
