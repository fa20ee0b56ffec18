// DELETE: grace, finalizers, preconditions, propagation, namespaces, collections. Source: Kubernetes'
// generic registry.
#include <fmt/core.h>

#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";
const std::string kPods = "/api/v1/namespaces/default/pods";

std::string wall(HubFixture& hub, Duration later) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(hub.loop.wall() + later).time_since_epoch().count();
  // Tests stay on the first day of virtual time.
  auto of_day = seconds % 86400;
  return fmt::format("2026-01-01T{:02}:{:02}:{:02}Z", of_day / 3600, of_day / 60 % 60, of_day % 60);
}

struct BoundPod : HubFixture {
  BoundPod() {
    make_default_account();
    auto object = pod("web");
    object["spec"]["nodeName"] = "node-1";
    REQUIRE(post(kPods, object).code == 201);
  }
};

TEST_CASE("a bound pod gets its grace period and waits for its kubelet") {
  BoundPod hub;
  auto answer = hub.remove(kPods + "/web");
  CHECK(answer.code == 200);
  auto pod = answer.json();
  CHECK(pod["kind"] == "Pod");
  CHECK(pod["metadata"]["deletionTimestamp"] == wall(hub, std::chrono::seconds(30)));
  CHECK(pod["metadata"]["deletionGracePeriodSeconds"] == 30);
  CHECK(pod["metadata"]["generation"] == 2);
  auto revision = pod["metadata"]["resourceVersion"];

  // Asking again, for as long or longer, changes nothing.
  CHECK(hub.remove(kPods + "/web").json()["metadata"]["resourceVersion"] == revision);
  auto longer = hub.remove(kPods + "/web", R"({"gracePeriodSeconds":60})").json();
  CHECK(longer["metadata"]["resourceVersion"] == revision);
  // A shorter time counts from the first request.
  auto shorter = hub.remove(kPods + "/web", R"({"gracePeriodSeconds":10})").json();
  CHECK(shorter["metadata"]["deletionGracePeriodSeconds"] == 10);
  CHECK(shorter["metadata"]["deletionTimestamp"] == wall(hub, std::chrono::seconds(10)));
  CHECK(shorter["metadata"]["generation"] == 2);

  auto stream =
      hub.watch(kPods + "?watch=true&resourceVersion=" + shorter["metadata"]["resourceVersion"].get<std::string>());
  auto uid = pod["metadata"]["uid"].get<std::string>();
  auto end = hub.remove(kPods + "/web", R"({"gracePeriodSeconds":0,"preconditions":{"uid":")" + uid + R"("}})");
  CHECK(end.code == 200);
  CHECK(hub.get(kPods + "/web").code == 404);
  auto events = hub.events(stream);
  REQUIRE(events.size() == 2);
  CHECK(events[0]["type"] == "MODIFIED");
  CHECK(events[0]["object"]["metadata"]["deletionGracePeriodSeconds"] == 0);
  CHECK(events[1]["type"] == "DELETED");
}

TEST_CASE("terminal and unbound pods go at once") {
  BoundPod hub;
  auto done = Json::parse(R"({"status":{"phase":"Succeeded"}})");
  CHECK(hub.patch(kPods + "/web/status", done).code == 200);
  CHECK(hub.remove(kPods + "/web").code == 200);
  CHECK(hub.get(kPods + "/web").code == 404);
  hub.post(kPods, HubFixture::pod("unbound"));
  CHECK(hub.remove(kPods + "/unbound", R"({"gracePeriodSeconds":50})").code == 200);
  CHECK(hub.get(kPods + "/unbound").code == 404);
}

TEST_CASE("preconditions name the Kind") {
  BoundPod hub;
  auto answer = hub.remove(kPods + "/web", R"({"preconditions":{"uid":"nope"}})");
  CHECK(answer.code == 409);
  auto message = answer.json()["message"].get<std::string>();
  CHECK(
      message.starts_with("Operation cannot be fulfilled on Pod \"web\": the UID in the precondition (nope) does not "
                          "match the UID in record ("));
  CHECK(message.ends_with("). The object might have been deleted and then recreated"));
  CHECK(answer.json()["details"]["kind"] == "Pod");
  auto revision = hub.remove(kPods + "/web", R"({"preconditions":{"resourceVersion":"1"}})");
  CHECK(revision.code == 409);
}

TEST_CASE("finalizers hold an object until an update takes the last one away") {
  HubFixture hub;
  auto object = HubFixture::config_map("held");
  object["metadata"]["finalizers"] = {"example.com/guard"};
  auto made = hub.post(kMaps, object).json();
  auto stream =
      hub.watch(kMaps + "?watch=true&resourceVersion=" + made["metadata"]["resourceVersion"].get<std::string>());
  auto answer = hub.remove(kMaps + "/held");
  CHECK(answer.code == 200);
  CHECK(answer.json()["kind"] == "ConfigMap");  // pending: the object, not a Status
  CHECK(answer.json()["metadata"]["deletionGracePeriodSeconds"] == 0);
  CHECK(answer.json()["metadata"]["deletionTimestamp"] == wall(hub, Duration::zero()));
  auto again = hub.post(kMaps, HubFixture::config_map("held"));
  CHECK(again.json()["message"] == "object is being deleted: configmaps \"held\" already exists");
  auto more = hub.patch(kMaps + "/held", Json::parse(R"({"metadata":{"finalizers":["example.com/guard","x.io/b"]}})"),
                        "merge-patch");
  CHECK(more.code == 422);
  CHECK(
      more.json()["message"].get<std::string>().ends_with("metadata.finalizers: Forbidden: no new finalizers can be "
                                                          "added if the object is being deleted, found new finalizers "
                                                          "[]string{\"x.io/b\"}"));
  auto last = hub.patch(kMaps + "/held", Json::parse(R"({"metadata":{"finalizers":null}})"), "merge-patch");
  CHECK(last.code == 200);
  CHECK(hub.get(kMaps + "/held").code == 404);
  auto events = hub.events(stream);
  REQUIRE(events.size() == 2);
  CHECK(events[0]["type"] == "MODIFIED");
  CHECK(events[1]["type"] == "DELETED");
}

TEST_CASE("plain objects answer a Status") {
  HubFixture hub;
  auto uid = hub.post(kMaps, HubFixture::config_map("a")).json()["metadata"]["uid"];
  auto status = hub.remove(kMaps + "/a").json();
  CHECK(status["kind"] == "Status");
  CHECK(status["status"] == "Success");
  CHECK(status["details"]["name"] == "a");
  CHECK(status["details"]["kind"] == "configmaps");
  CHECK(status["details"]["uid"] == uid);
  CHECK(hub.remove(kMaps + "/a").code == 404);
}

TEST_CASE("propagation policies become finalizers") {
  HubFixture hub;
  for (const char* policy : {"Orphan", "Foreground"}) {
    hub.post(kMaps, HubFixture::config_map("a"));
    auto answer = hub.remove(kMaps + "/a?propagationPolicy=" + std::string(policy));
    CHECK(answer.code == 200);
    auto finalizer = std::string(policy) == "Orphan" ? "orphan" : "foregroundDeletion";
    CHECK(answer.json()["metadata"]["finalizers"] == Json::array({finalizer}));
    hub.patch(kMaps + "/a", Json::parse(R"({"metadata":{"finalizers":null}})"), "merge-patch");
    CHECK(hub.get(kMaps + "/a").code == 404);
  }
  hub.post(kMaps, HubFixture::config_map("a"));
  CHECK(hub.remove(kMaps + "/a", R"({"propagationPolicy":"Background"})").json()["kind"] == "Status");
  hub.post(kMaps, HubFixture::config_map("a"));
  CHECK(hub.remove(kMaps + "/a", R"({"propagationPolicy":"Orphan","orphanDependents":true})").code == 422);
  CHECK(hub.remove(kMaps + "/a", R"({"propagationPolicy":"Sideways"})").code == 422);
  CHECK(hub.remove(kMaps + "/a", R"({"dryRun":["All"]})").code == 200);
  CHECK(hub.get(kMaps + "/a").code == 200);
}

TEST_CASE("a namespace ends by finalize only, and takes nothing new meanwhile") {
  HubFixture hub;
  auto made = hub.post("/api/v1/namespaces", Json::parse(R"({"metadata":{"name":"team"}})"));
  CHECK(made.code == 201);
  CHECK(made.json()["spec"]["finalizers"] == Json::array({"kubernetes"}));
  CHECK(made.json()["status"]["phase"] == "Active");
  CHECK(made.json()["metadata"]["labels"]["kubernetes.io/metadata.name"] == "team");
  // A PUT cannot take the finalizer away.
  auto put = made.json();
  put["spec"] = Json::object();
  CHECK(hub.put("/api/v1/namespaces/team", put).json()["spec"]["finalizers"].size() == 1);

  auto answer = hub.remove("/api/v1/namespaces/team").json();
  CHECK(answer["kind"] == "Namespace");
  CHECK(answer["status"]["phase"] == "Terminating");
  auto refused = hub.post("/api/v1/namespaces/team/configmaps", HubFixture::config_map("a"));
  CHECK(refused.code == 403);
  CHECK(refused.json()["message"] ==
        "configmaps \"a\" is forbidden: unable to create new content in namespace team because it is being terminated");
  CHECK(refused.json()["details"]["causes"][0]["reason"] == "NamespaceTerminating");
  CHECK(refused.json()["details"]["causes"][0]["message"] == "namespace team is being terminated");

  auto final_body = hub.get("/api/v1/namespaces/team").json();
  final_body["spec"]["finalizers"] = Json::array();
  CHECK(hub.put("/api/v1/namespaces/team/finalize", final_body).code == 200);
  CHECK(hub.get("/api/v1/namespaces/team").code == 404);

  auto kept = hub.remove("/api/v1/namespaces/default");
  CHECK(kept.code == 403);
  CHECK(kept.json()["message"] == "namespaces \"default\" is forbidden: this namespace may not be deleted");
}

TEST_CASE("deletecollection answers the list of what it took") {
  HubFixture hub;
  for (const char* name : {"a", "b", "c"}) {
    auto object = HubFixture::config_map(name);
    object["metadata"]["labels"]["keep"] = std::string(name) == "b" ? "yes" : "no";
    hub.post(kMaps, object);
  }
  auto answer = hub.remove(kMaps + "?labelSelector=keep%3Dno");
  CHECK(answer.code == 200);
  CHECK(answer.json()["kind"] == "ConfigMapList");
  CHECK(answer.json()["items"].size() == 2);
  auto left = hub.get(kMaps).json()["items"];
  REQUIRE(left.size() == 1);
  CHECK(left[0]["metadata"]["name"] == "b");
}

}  // namespace
}  // namespace kubeloop::apiserver
