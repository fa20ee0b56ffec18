// The way of a pod through the hub: create, read, list, watch, patch, delete. Rules: Kubernetes'
// generic registry, its defaults and its admission.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kPods = "/api/v1/namespaces/default/pods";

TEST_CASE("a pod is created with what server, schema and admission add") {
  HubFixture hub;
  hub.make_default_account();
  auto made = hub.post(kPods, HubFixture::pod("web"));
  REQUIRE(made.code == 201);
  auto pod = made.json();
  CHECK(pod["kind"] == "Pod");
  CHECK(pod["apiVersion"] == "v1");
  auto& metadata = pod["metadata"];
  CHECK(metadata["namespace"] == "default");
  CHECK(metadata["uid"].get<std::string>().size() == 36);
  CHECK(metadata["creationTimestamp"].get<std::string>().starts_with("2026-01-01T00:00:0"));
  CHECK(metadata["generation"] == 1);
  CHECK(metadata["resourceVersion"].get<std::string>() != "");
  auto& spec = pod["spec"];
  CHECK(spec["restartPolicy"] == "Always");
  CHECK(spec["dnsPolicy"] == "ClusterFirst");
  CHECK(spec["schedulerName"] == "default-scheduler");
  CHECK(spec["terminationGracePeriodSeconds"] == 30);
  CHECK(spec["securityContext"] == Json::object());
  CHECK(spec["enableServiceLinks"] == true);
  CHECK(spec["serviceAccountName"] == "default");
  CHECK(spec["serviceAccount"] == "default");
  CHECK(spec["priority"] == 0);
  CHECK(spec["preemptionPolicy"] == "PreemptLowerPriority");
  auto& container = spec["containers"][0];
  CHECK(container["imagePullPolicy"] == "IfNotPresent");
  CHECK(container["terminationMessagePath"] == "/dev/termination-log");
  CHECK(container["terminationMessagePolicy"] == "File");
  REQUIRE(spec["volumes"].size() == 1);
  auto volume = spec["volumes"][0]["name"].get<std::string>();
  CHECK(volume.starts_with("kube-api-access-"));
  CHECK(volume.size() == std::string("kube-api-access-").size() + 5);
  CHECK(spec["volumes"][0]["projected"]["sources"].size() == 3);
  CHECK(container["volumeMounts"][0]["name"] == volume);
  CHECK(container["volumeMounts"][0]["readOnly"] == true);
  REQUIRE(spec["tolerations"].size() == 2);
  CHECK(spec["tolerations"][0]["key"] == "node.kubernetes.io/not-ready");
  CHECK(spec["tolerations"][1]["key"] == "node.kubernetes.io/unreachable");
  CHECK(spec["tolerations"][0]["tolerationSeconds"] == 300);
  CHECK(pod["status"]["phase"] == "Pending");
  CHECK(pod["status"]["qosClass"] == "BestEffort");

  CHECK(hub.get(kPods + "/web").json() == pod);
  auto all = hub.get(kPods).json();
  CHECK(all["kind"] == "PodList");
  REQUIRE(all["items"].size() == 1);
  CHECK_FALSE(all["items"][0].contains("kind"));
}

TEST_CASE("a watch sees a pod come, change and go") {
  HubFixture hub;
  hub.make_default_account();
  auto before = hub.get(kPods).json()["metadata"]["resourceVersion"].get<std::string>();
  auto stream = hub.watch(kPods + "?watch=true&resourceVersion=" + before);
  CHECK(stream.code == 200);
  REQUIRE(hub.post(kPods, HubFixture::pod("web")).code == 201);
  REQUIRE(hub.patch(kPods + "/web", Json::parse(R"({"metadata":{"labels":{"a":"b"}}})")).code == 200);
  auto gone = hub.remove(kPods + "/web");
  CHECK(gone.code == 200);
  CHECK(gone.json()["kind"] == "Pod");
  auto events = hub.events(stream);
  REQUIRE(events.size() == 4);
  CHECK(events[0]["type"] == "ADDED");
  CHECK(events[1]["type"] == "MODIFIED");
  CHECK(events[1]["object"]["metadata"]["labels"]["a"] == "b");
  // An unscheduled pod goes at once, but is marked first.
  CHECK(events[2]["type"] == "MODIFIED");
  CHECK(events[2]["object"]["metadata"]["deletionGracePeriodSeconds"] == 0);
  CHECK(events[3]["type"] == "DELETED");
  auto revision = [&](std::size_t i) {
    return std::stoull(events[i]["object"]["metadata"]["resourceVersion"].get<std::string>());
  };
  for (std::size_t i = 1; i < events.size(); ++i) CHECK(revision(i) > revision(i - 1));
  CHECK(hub.get(kPods + "/web").code == 404);
}

}  // namespace
}  // namespace kubeloop::apiserver
