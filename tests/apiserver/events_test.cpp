// Events: one stored object, two written forms, and an end. Source: the conversion of events.k8s.io/v1,
// its selectable fields, --event-ttl.
#include "apiserver/registry/event_conversion.hpp"
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kCore = "/api/v1/namespaces/default/events";
const std::string kNew = "/apis/events.k8s.io/v1/namespaces/default/events";

Json core_event(const std::string& name) {
  auto out = Json::parse(R"({"apiVersion":"v1","kind":"Event","type":"Normal","reason":"Scheduled","message":"assigned",
    "involvedObject":{"kind":"Pod","namespace":"default","name":"web"},"source":{"component":"default-scheduler"},
    "firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:00Z","count":1})");
  out["metadata"]["name"] = name;
  return out;
}

TEST_CASE("an event written by one form is read by the other") {
  HubFixture hub;
  REQUIRE(hub.post(kCore, core_event("a")).code == 201);
  auto newer = hub.get(kNew + "/a").json();
  CHECK(newer["apiVersion"] == "events.k8s.io/v1");
  CHECK(newer["regarding"]["name"] == "web");
  CHECK(newer["note"] == "assigned");
  CHECK(newer["deprecatedSource"]["component"] == "default-scheduler");
  CHECK(newer["deprecatedCount"] == 1);
  CHECK_FALSE(newer.contains("involvedObject"));

  auto event = Json::parse(
      R"({"metadata":{"name":"b"},"eventTime":"2026-01-01T00:00:01.000001Z","reportingController":"default-scheduler",
    "reportingInstance":"x","action":"Binding","reason":"Scheduled","type":"Normal","note":"bound",
    "regarding":{"kind":"Pod","namespace":"default","name":"web"}})");
  auto made = hub.post(kNew, event);
  REQUIRE(made.code == 201);
  CHECK(made.json()["note"] == "bound");
  auto core = hub.get(kCore + "/b").json();
  CHECK(core["apiVersion"] == "v1");
  CHECK(core["message"] == "bound");
  CHECK(core["involvedObject"]["name"] == "web");
  CHECK(core["reportingComponent"] == "default-scheduler");
  CHECK(core["eventTime"] == "2026-01-01T00:00:01.000001Z");
  auto list = hub.get(kNew).json();
  CHECK(list["kind"] == "EventList");
  CHECK(list["apiVersion"] == "events.k8s.io/v1");
  CHECK(list["items"].size() == 2);
  CHECK_FALSE(list["items"][0].contains("kind"));
  CHECK(list["items"][0]["regarding"]["name"] == "web");
}

TEST_CASE("converting back and forth loses nothing") {
  auto core = core_event("a");
  core["reportingComponent"] = "c";
  core["reportingInstance"] = "i";
  core["eventTime"] = "2026-01-01T00:00:01.000001Z";
  core["series"] = Json::parse(R"({"count":2,"lastObservedTime":"2026-01-01T00:00:01.000001Z"})");
  auto object = core;
  event_from_core(object);
  event_to_core(object);
  CHECK(object == core);
}

TEST_CASE("selectors under both names; watches and patches of both forms") {
  HubFixture hub;
  auto stream = hub.watch(kNew + "?watch=true&fieldSelector=regarding.name%3Dweb");
  hub.post(kCore, core_event("a"));
  auto other = core_event("b");
  other["involvedObject"]["name"] = "db";
  hub.post(kCore, other);
  CHECK(hub.get(kCore + "?fieldSelector=involvedObject.name%3Dweb,involvedObject.kind%3DPod").json()["items"].size() ==
        1);
  CHECK(hub.get(kNew + "?fieldSelector=regarding.name%3Ddb").json()["items"].size() == 1);
  CHECK(hub.get(kCore + "?fieldSelector=source%3Ddefault-scheduler").json()["items"].size() == 2);
  CHECK(hub.get(kNew + "?fieldSelector=involvedObject.name%3Dweb").code == 400);
  auto patched = hub.patch(kNew + "/a", Json::parse(R"({"deprecatedCount":3,"note":"again"})"), "merge-patch");
  CHECK(patched.code == 200);
  CHECK(hub.get(kCore + "/a").json()["count"] == 3);
  CHECK(hub.get(kCore + "/a").json()["message"] == "again");
  auto events = hub.events(stream);
  REQUIRE(events.size() == 2);
  CHECK(events[1]["type"] == "MODIFIED");
  CHECK(events[1]["object"]["note"] == "again");
}

TEST_CASE("an event lies where its object lies") {
  HubFixture hub;
  auto event = core_event("a");
  event["involvedObject"]["namespace"] = "kube-system";
  auto answer = hub.post(kCore, event);
  CHECK(answer.code == 422);
  CHECK(answer.json()["message"] ==
        "Event \"a\" is invalid: involvedObject.namespace: Invalid value: \"kube-system\": does not match "
        "event.namespace");
  event["involvedObject"] = Json::parse(R"({"kind":"Node","name":"n"})");
  CHECK(hub.post(kCore, event).code == 201);
  CHECK(hub.put(kCore + "/fresh", core_event("fresh")).code == 201);  // PUT creates
}

TEST_CASE("events end after their time to live, and an update renews it") {
  HubOptions options = HubFixture::default_options();
  options.event_ttl = std::chrono::minutes(10);
  HubFixture hub(1, options);
  hub.post(kCore, core_event("a"));
  hub.post(kCore, core_event("b"));
  auto stream = hub.watch(
      kCore + "?watch=true&resourceVersion=" + hub.get(kCore).json()["metadata"]["resourceVersion"].get<std::string>());
  hub.run_for(std::chrono::minutes(6));
  hub.patch(kCore + "/b", Json::parse(R"({"count":2})"), "merge-patch");
  hub.run_for(std::chrono::minutes(5));
  CHECK(hub.get(kCore + "/a").code == 404);
  CHECK(hub.get(kCore + "/b").code == 200);
  auto events = hub.events(stream);
  REQUIRE(events.size() == 2);
  CHECK(events[1]["type"] == "DELETED");
  CHECK(events[1]["object"]["metadata"]["name"] == "a");
  // A restart knows when they end.
  hub.stop();
  hub.start();
  hub.run_for(std::chrono::minutes(6));
  CHECK(hub.get(kCore + "/b").code == 404);
}

}  // namespace
}  // namespace kubeloop::apiserver
