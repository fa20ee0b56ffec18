// WATCH. Source: Kubernetes' API concepts; what kubectl and client-go ask for.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";
using Names = std::vector<std::string>;

// "ADDED a", "BOOKMARK", ...
Names told(const std::vector<Json>& events) {
  Names out;
  for (const auto& event : events) {
    auto line = event["type"].get<std::string>();
    if (line != "BOOKMARK" && line != "ERROR") line += " " + event["object"]["metadata"]["name"].get<std::string>();
    out.push_back(line);
  }
  return out;
}

std::string revision_of(const Json& object) {
  return object["metadata"]["resourceVersion"].get<std::string>();
}

TEST_CASE("without a revision the current objects come first, then a bookmark for those who take one") {
  for (const char* revision : {"", "&resourceVersion=0"}) {
    HubFixture hub;
    hub.post(kMaps, HubFixture::config_map("a"));
    hub.post(kMaps, HubFixture::config_map("b"));
    auto plain = hub.watch(kMaps + "?watch=true" + revision);
    CHECK(told(hub.events(plain)) == Names{"ADDED a", "ADDED b"});
    auto marked = hub.watch(kMaps + "?watch=1&allowWatchBookmarks=true" + std::string(revision));
    auto events = hub.events(marked);
    CHECK(told(events) == Names{"ADDED a", "ADDED b", "BOOKMARK"});
    auto& bookmark = events.back()["object"];
    CHECK(bookmark["kind"] == "ConfigMap");
    CHECK(bookmark["metadata"]["annotations"]["k8s.io/initial-events-end"] == "true");
    CHECK(std::stoull(revision_of(bookmark)) >= std::stoull(revision_of(hub.get(kMaps).json())));
    hub.post(kMaps, HubFixture::config_map("c"));
    CHECK(told(hub.events(plain)) == Names{"ADDED c"});
    CHECK(told(hub.events(marked)) == Names{"ADDED c"});
  }
}

TEST_CASE("sendInitialEvents by the rules") {
  HubFixture hub;
  hub.post(kMaps, HubFixture::config_map("a"));
  auto revision = revision_of(hub.get(kMaps).json());
  auto wanted =
      hub.watch(kMaps +
                "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
                "&resourceVersion=" +
                revision);
  CHECK(told(hub.events(wanted)) == Names{"ADDED a", "BOOKMARK"});
  auto unwanted = hub.watch(kMaps + "?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan");
  CHECK(hub.events(unwanted).empty());
  hub.post(kMaps, HubFixture::config_map("b"));
  CHECK(told(hub.events(unwanted)) == Names{"ADDED b"});
  CHECK(hub.get(kMaps + "?watch=true&sendInitialEvents=true").code == 422);
  CHECK(hub.get(kMaps + "?watch=true&resourceVersionMatch=NotOlderThan").code == 422);
}

TEST_CASE("from a revision: everything after it, nothing before") {
  HubFixture hub;
  hub.post(kMaps, HubFixture::config_map("a"));
  auto revision = revision_of(hub.get(kMaps).json());
  hub.post(kMaps, HubFixture::config_map("b"));
  hub.post("/api/v1/namespaces/kube-system/configmaps", HubFixture::config_map("elsewhere"));
  hub.remove(kMaps + "/a");
  auto stream = hub.watch(kMaps + "?watch=true&resourceVersion=" + revision);
  auto events = hub.events(stream);
  CHECK(told(events) == Names{"ADDED b", "DELETED a"});
  // The last state, at the revision of the deletion.
  CHECK(events[1]["object"]["data"]["a"] == "1");
  CHECK(std::stoull(revision_of(events[1]["object"])) > std::stoull(revision_of(events[0]["object"])));
  CHECK(hub.get(kMaps + "?watch=true&resourceVersion=x").code == 500);
}

TEST_CASE("entering and leaving a selector") {
  HubFixture hub;
  auto stream = hub.watch(kMaps + "?watch=true&labelSelector=app%3Dweb");
  auto object = HubFixture::config_map("a");
  object["metadata"]["labels"]["app"] = "web";
  hub.post(kMaps, object);
  hub.post(kMaps, HubFixture::config_map("other"));
  hub.patch(kMaps + "/other", Json::parse(R"({"metadata":{"labels":{"app":"web"}}})"), "merge-patch");
  hub.patch(kMaps + "/a", Json::parse(R"({"data":{"a":"2"}})"), "merge-patch");
  hub.patch(kMaps + "/a", Json::parse(R"({"metadata":{"labels":{"app":"db"}}})"), "merge-patch");
  auto events = hub.events(stream);
  CHECK(told(events) == Names{"ADDED a", "ADDED other", "MODIFIED a", "DELETED a"});
  // What left shows its state before, at the new revision.
  CHECK(events[3]["object"]["metadata"]["labels"]["app"] == "web");
  CHECK(revision_of(events[3]["object"]) == revision_of(hub.get(kMaps + "/a").json()));
}

TEST_CASE("a write that changes nothing keeps the revision and tells nobody") {
  HubFixture hub;
  auto made = hub.post(kMaps, HubFixture::config_map("a")).json();
  auto stream = hub.watch(kMaps + "?watch=true&resourceVersion=" + revision_of(made));
  auto same = hub.put(kMaps + "/a", made);
  CHECK(same.code == 200);
  CHECK(revision_of(same.json()) == revision_of(made));
  auto patched = hub.patch(kMaps + "/a", Json::parse(R"({"data":{"a":"1"}})"), "merge-patch");
  CHECK(revision_of(patched.json()) == revision_of(made));
  CHECK(hub.events(stream).empty());
}

TEST_CASE("too old is an ERROR event in a good answer") {
  HubOptions options = HubFixture::default_options();
  options.compaction_interval = std::chrono::seconds(10);
  HubFixture hub(1, options);
  hub.post(kMaps, HubFixture::config_map("a"));
  auto old = revision_of(hub.get(kMaps).json());
  hub.run_for(std::chrono::seconds(11));
  hub.post(kMaps, HubFixture::config_map("b"));
  hub.run_for(std::chrono::seconds(11));
  hub.post(kMaps, HubFixture::config_map("c"));
  hub.run_for(std::chrono::seconds(11));
  auto stream = hub.watch(kMaps + "?watch=true&resourceVersion=" + old);
  CHECK(stream.code == 200);
  auto events = hub.events(stream);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["type"] == "ERROR");
  CHECK(events[0]["object"]["kind"] == "Status");
  CHECK(events[0]["object"]["code"] == 410);
  CHECK(events[0]["object"]["reason"] == "Expired");
  CHECK(events[0]["object"]["message"].get<std::string>().starts_with("too old resource version: " + old + " ("));
  CHECK(stream.is_over);
}

TEST_CASE("a watch ends at its timeout; bookmarks come about every minute") {
  HubFixture hub;
  hub.post(kMaps, HubFixture::config_map("a"));
  auto revision = revision_of(hub.get(kMaps).json());
  auto stream =
      hub.watch(kMaps + "?watch=true&allowWatchBookmarks=true&timeoutSeconds=150&resourceVersion=" + revision);
  hub.post("/api/v1/namespaces/kube-system/configmaps", HubFixture::config_map("elsewhere"));
  auto now = revision_of(hub.get(kMaps).json());
  auto events = hub.events(stream, std::chrono::seconds(200));
  CHECK(stream.is_over);
  CHECK(told(events) == Names{"BOOKMARK", "BOOKMARK", "BOOKMARK"});  // 60 s, 120 s, and 2 s before the end
  for (const auto& event : events) {
    CHECK(revision_of(event["object"]) == now);
    CHECK(event["object"]["metadata"].size() == 1);
  }
}

TEST_CASE("the default lifetime is between half an hour and an hour") {
  HubFixture hub;
  auto stream = hub.watch(kMaps + "?watch=true");
  hub.events(stream, std::chrono::minutes(29));
  CHECK_FALSE(stream.is_over);
  hub.events(stream, std::chrono::minutes(31));
  CHECK(stream.is_over);
}

TEST_CASE("long initial lists come in chunks and are whole") {
  HubFixture hub;
  for (int i = 0; i < 1200; ++i) {
    auto object = HubFixture::config_map("m" + std::to_string(10000 + i));
    REQUIRE(hub.post(kMaps, object).code == 201);
  }
  auto stream = hub.watch(kMaps + "?watch=true&allowWatchBookmarks=true");
  CHECK(hub.events(stream).size() == 1201);
  CHECK(hub.get(kMaps).json()["items"].size() == 1200);
}

TEST_CASE("table events carry the columns once") {
  HubFixture hub;
  HeaderList table;
  table.emplace_back("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
  hub.post(kMaps, HubFixture::config_map("a"));
  auto stream = hub.watch(kMaps + "?watch=true", table);
  hub.post(kMaps, HubFixture::config_map("b"));
  auto events = hub.events(stream);
  REQUIRE(events.size() == 2);
  CHECK(events[0]["object"]["kind"] == "Table");
  CHECK(events[0]["object"]["columnDefinitions"].size() > 0);
  CHECK(events[1]["object"]["columnDefinitions"].is_null());
  CHECK(events[1]["object"]["rows"].size() == 1);
  CHECK(events[1]["object"]["rows"][0]["cells"][0] == "b");
}

TEST_CASE("a stopping hub ends its watches") {
  HubFixture hub;
  auto stream = hub.watch(kMaps + "?watch=true&resourceVersion=1");
  hub.events(stream);
  hub.stop();
  hub.events(stream);
  CHECK(stream.is_over);
}

}  // namespace
}  // namespace kubeloop::apiserver
