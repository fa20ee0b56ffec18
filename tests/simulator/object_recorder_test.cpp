// What is recorded of objects: every kind that can be watched, never the value of a Secret; and how two states differ.
#include <doctest/doctest.h>

#include "simulator/story/change_text.hpp"
#include "simulator/story/field_changes.hpp"
#include "simulator/story/object_history.hpp"
#include "simulator/story/object_recorder.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

struct World {
  std::string version;

  std::string line(const std::string& type, json object, int revision) {
    object["metadata"]["resourceVersion"] = std::to_string(revision);
    return json{{"type", type}, {"object", object}}.dump();
  }
};

FlowEvent commit(std::uint64_t revision, const std::string& actor, const std::string& object) {
  FlowEvent event;
  event.kind = "commit";
  event.revision = revision;
  event.actor = actor;
  event.object = object;
  event.cause = "1";
  event.time = WallTime{} + std::chrono::seconds(revision);
  return event;
}

TEST_CASE("discovery says what to watch") {
  std::vector<WatchedResource> found;
  add_watched_resources(found, R"({"items":[{"metadata":{},"versions":[{"version":"v1","resources":[
    {"resource":"pods","verbs":["get","watch"]},{"resource":"bindings","verbs":["create"]},
    {"resource":"events","verbs":["watch"]}]}]}]})");
  add_watched_resources(found, R"({"items":[
    {"metadata":{"name":"apps"},"versions":[{"version":"v1","resources":[{"resource":"deployments","verbs":["watch"]}]},
                                            {"version":"v1beta1","resources":[{"resource":"old","verbs":["watch"]}]}]},
    {"metadata":{"name":"events.k8s.io"},"versions":
      [{"version":"v1","resources":[{"resource":"events","verbs":["watch"]}]}]},
    {"metadata":{"name":"coordination.k8s.io"},"versions":
      [{"version":"v1","resources":[{"resource":"leases","verbs":["watch"]}]}]},
    {"metadata":{"name":"empty"},"versions":[]}]})");
  std::vector<WatchedResource> expected = {
      {"pods", "/api/v1/pods"}, {"events", "/api/v1/events"}, {"deployments", "/apis/apps/v1/deployments"}};
  CHECK(found == expected);
  add_watched_resources(found, "no JSON");
  CHECK(found == expected);
}

TEST_CASE("the values of Secrets are never kept") {
  World world;
  ObjectRecord recorder;
  auto secret = json::parse(R"({"kind":"Secret","metadata":{"name":"s","namespace":"d","annotations":
    {"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"password\":\"aHVudGVyMg==\"}}","note":"kept"}},
    "data":{"password":"aHVudGVyMg==","user":"cm9vdA=="},"stringData":{"plain":"hunter3"},"type":"Opaque"})");
  recorder.take_line("secrets", world.line("ADDED", secret, 5), world.version);
  secret["data"]["password"] = "b3RoZXI3Nw==";  // as long as before
  recorder.take_line("secrets", world.line("MODIFIED", secret, 6), world.version);
  secret["data"]["password"] = "aHVudGVyMg==";
  recorder.take_line("secrets", world.line("MODIFIED", secret, 7), world.version);
  CHECK(world.version == "7");
  for (const auto& [revision, change] : recorder.changes()) {
    for (const char* value : {"aHVudGVyMg", "hunter", "cm9vdA", "b3RoZXI3Nw"}) {
      CHECK(change.object.find(value) == std::string::npos);
    }
  }
  auto first = recorder.find(5)->parsed();
  CHECK(first["data"]["password"] == "(hidden, 7 bytes, value 1)");
  CHECK(first["stringData"]["plain"] == "(hidden, 7 bytes, value 1)");
  CHECK(first["metadata"]["annotations"]["note"] == "kept");
  CHECK(recorder.find(6)->parsed()["data"]["password"] == "(hidden, 7 bytes, value 2)");
  CHECK(recorder.find(7)->parsed()["data"]["password"] == "(hidden, 7 bytes, value 1)");
  auto phrases = change_phrases(first, recorder.find(6)->parsed());
  REQUIRE(phrases.size() == 1);
  CHECK(phrases[0] == "data.password (hidden, 7 bytes, value 1) -> (hidden, 7 bytes, value 2)");
}

TEST_CASE("recording ends at its limit") {
  World world;
  ObjectRecord recorder(100);
  auto pod = json::parse(R"({"metadata":{"name":"a","namespace":"d","labels":{"long":""}}})");
  pod["metadata"]["labels"]["long"] = std::string(200, 'x');
  recorder.take_line("pods", world.line("ADDED", pod, 5), world.version);
  CHECK(recorder.is_full());
  recorder.take_line("pods", world.line("MODIFIED", pod, 6), world.version);
  CHECK(recorder.changes().size() == 1);
  CHECK(world.version == "6");
}

TEST_CASE("fields are named by what identifies an element") {
  auto before = json::parse(R"({"metadata":{"resourceVersion":"1","managedFields":[{}],"labels":{"a.b/c":"1"}},
    "spec":{"containers":[{"name":"x","image":"i:1"},{"name":"y"}],"taints":[{"key":"k","effect":"NoSchedule"},
    {"key":"k","effect":"NoExecute"}],"args":["a"]},"endpoints":[{"addresses":["10.0.0.1"],"ready":true}]})");
  auto after = before;
  after["metadata"]["resourceVersion"] = "2";
  after["metadata"]["labels"]["a.b/c"] = "2";
  after["spec"]["containers"][0]["image"] = "i:2";
  after["spec"]["containers"].erase(1);
  after["spec"]["taints"].erase(0);
  after["spec"]["args"].push_back("b");
  after["endpoints"][0]["ready"] = false;
  std::vector<std::string> paths;
  for (const auto& change : field_changes(before, after)) paths.push_back(change.path);
  std::vector<std::string> expected = {
      "endpoints[10.0.0.1].ready",    "metadata.labels[a.b/c]",  "spec.args[1]",
      "spec.containers[x].image",     "spec.containers[y].name", "spec.taints[k:NoSchedule].effect",
      "spec.taints[k:NoSchedule].key"};
  CHECK(paths == expected);
  CHECK(field_changes(before, before).empty());
  auto empty = json::parse(R"({"status":{},"spec":{"args":[]}})");
  auto filled = json::parse(R"({"status":{"x":1},"spec":{"args":["a"]}})");
  CHECK(field_changes(empty, filled).size() == 2);
  CHECK(field_changes(filled, empty).size() == 2);
  CHECK(field_changes(json(), after).size() == flat_fields(after).size());
}

TEST_CASE("the history of an object: differences, heartbeats folded, who wrote it") {
  World world;
  ObjectRecord recorder;
  auto node = json::parse(R"({"kind":"Node","metadata":{"name":"n"},"status":{"conditions":[
    {"type":"Ready","status":"True","lastHeartbeatTime":"1"}]}})");
  std::vector<FlowEvent> events;
  int revision = 5;
  auto write = [&](const std::string& type) {
    recorder.take_line("nodes", world.line(type, node, revision), world.version);
    events.push_back(commit(static_cast<std::uint64_t>(revision++), "kubelet-sim/n", "nodes/n/status"));
  };
  write("ADDED");
  for (const char* time : {"2", "3"}) {
    node["status"]["conditions"][0]["lastHeartbeatTime"] = time;
    write("MODIFIED");
  }
  node["status"]["conditions"][0]["status"] = "False";
  write("MODIFIED");
  write("DELETED");
  write("ADDED");
  auto configmap = json::parse(R"({"metadata":{"name":"old","namespace":"d"}})");
  recorder.take_line("configmaps", world.line("ADDED", configmap, 2), world.version);  // from before the run
  auto histories = object_histories(events, recorder);
  REQUIRE(histories.objects.size() == 1);
  const auto& revisions = histories.objects[0].revisions;
  REQUIRE(revisions.size() == 4);
  CHECK(revisions[1].heartbeats == 2);
  REQUIRE(revisions[1].changes.size() == 1);
  CHECK(revisions[1].changes[0].path == "status.conditions[Ready].status");
  CHECK(revisions[1].actor == "kubelet-sim/n");
  CHECK(revisions[1].cause == "1");
  CHECK(revisions[2].type == "DELETED");
  CHECK(revisions[3].changes.size() == 5);  // a new object of the same name
  HistoryLimits limits;
  limits.revisions_of_an_object = 1;
  CHECK(object_histories(events, recorder, limits).objects[0].left_out == 5);
  limits.objects_of_a_kind = 0;
  CHECK(object_histories(events, recorder, limits).left_out.at("nodes") == 1);
}

TEST_CASE("the flow log's names of objects follow the schema") {
  FlowEvent event;
  auto key = [&](const std::string& object) {
    event.object = object;
    auto parts = event.parts();
    return parts.resource + "|" + parts.namespace_ + "|" + parts.name + "|" + parts.subresource + "|" + event.key();
  };
  CHECK(key("pods/default/web/status") == "pods|default|web|status|pods/default/web");
  CHECK(key("nodes/node-1/status") == "nodes||node-1|status|nodes/node-1");
  CHECK(key("priorityclasses/high") == "priorityclasses||high||priorityclasses/high");
  CHECK(key("namespaces/team/finalize") == "namespaces||team|finalize|namespaces/team");
  CHECK(key("wombats/zoo/tom") == "wombats|zoo|tom||wombats/zoo/tom");
  CHECK(key("pods") == "pods||||pods");
}

}  // namespace
}  // namespace kubeloop::simulator
