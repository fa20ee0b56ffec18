// Namespaces and nodes through their subresources. Source: Kubernetes' core registry.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

TEST_CASE("the server makes its own namespaces, once") {
  HubFixture hub;
  auto names = [&] {
    std::vector<std::string> out;
    auto list = hub.get("/api/v1/namespaces").json();
    for (const auto& item : list["items"]) out.push_back(item["metadata"]["name"].get<std::string>());
    return out;
  };
  std::vector<std::string> expected{"default", "kube-node-lease", "kube-public", "kube-system"};
  CHECK(names() == expected);
  auto before = hub.get("/api/v1/namespaces").body;
  hub.stop();
  hub.start();
  CHECK(hub.get("/api/v1/namespaces").body == before);
}

TEST_CASE("a namespace's phase follows its deletion") {
  HubFixture hub;
  auto wrong = Json::parse(R"({"status":{"phase":"Terminating"}})");
  auto refused = hub.patch("/api/v1/namespaces/default/status", wrong);
  CHECK(refused.code == 422);
  auto labelled = Json::parse(R"({"metadata":{"labels":{"a":"b"}},"spec":{"finalizers":null}})");
  auto kept = hub.patch("/api/v1/namespaces/default/status", labelled);
  CHECK(kept.code == 200);
  CHECK(kept.json()["metadata"]["labels"]["a"] == "b");
  CHECK(kept.json()["spec"]["finalizers"] == Json::array({"kubernetes"}));
}

TEST_CASE("a node's status write leaves its spec alone, and the other way round") {
  HubFixture hub;
  hub.post("/api/v1/nodes", Json::parse(R"({"metadata":{"name":"n"}})"));
  auto status = Json::parse(R"({"spec":{"unschedulable":true},"metadata":{"annotations":{"a":"b"}},
    "status":{"conditions":[{"type":"Ready","status":"True"}]}})");
  auto after = hub.patch("/api/v1/nodes/n/status", status).json();
  CHECK_FALSE(after["spec"].contains("unschedulable"));
  CHECK(after["metadata"]["annotations"]["a"] == "b");
  CHECK(after["status"]["conditions"].size() == 1);
  auto main_write = hub.patch("/api/v1/nodes/n", Json::parse(R"({"status":{"conditions":null}})")).json();
  CHECK(main_write["status"]["conditions"].size() == 1);
  CHECK_FALSE(main_write["metadata"].contains("generation"));
}

TEST_CASE("leases keep their microseconds") {
  HubFixture hub;
  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
  auto lease = Json::parse(R"({"metadata":{"name":"n"},"spec":{"holderIdentity":"n","leaseDurationSeconds":40,
    "renewTime":"2026-01-01T00:00:00.000001Z"}})");
  auto made = hub.post(leases, lease).json();
  CHECK(made["spec"]["renewTime"] == "2026-01-01T00:00:00.000001Z");
  made["spec"]["renewTime"] = "2026-01-01T00:00:10.000000Z";
  auto renewed = hub.put(leases + "/n", made);
  CHECK(renewed.code == 200);
  CHECK(renewed.json()["spec"]["renewTime"] == "2026-01-01T00:00:10.000000Z");
  CHECK(hub.put(leases + "/n", made).code == 409);
  made["spec"]["leaseDurationSeconds"] = 0;
  made["metadata"].erase("resourceVersion");
  CHECK(hub.put(leases + "/n", made).code == 422);
}

}  // namespace
}  // namespace kubeloop::apiserver
