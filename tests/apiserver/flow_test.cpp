// The flow log: what is recorded, in which order, and how it is read. The format is the one of apiserver/flow_log.hpp.
#include "apiserver/flow_log.hpp"

#include <algorithm>

#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";
const std::string kFlow = "/kubeloop/v1/flow";

HeaderList actor(const std::string& name, const std::string& cause = "") {
  HeaderList out;
  out.emplace_back("Kubeloop-Actor", name);
  if (!cause.empty()) out.emplace_back("Kubeloop-Cause", cause);
  return out;
}

std::vector<Json> flow_of(HubFixture& hub, const std::string& query = "") {
  auto stream = hub.watch(kFlow + query);
  auto lines = hub.events(stream);
  REQUIRE(!lines.empty());
  CHECK(lines[0]["format"] == 1);
  CHECK(lines[0]["next"].is_number_unsigned());
  lines.erase(lines.begin());
  return lines;
}

std::vector<std::string> stages_of(const std::vector<Json>& events, const std::string& id) {
  std::vector<std::string> out;
  for (const auto& event : events) {
    if (event["kind"] == "stage" && event["id"] == id) out.push_back(event["stage"].get<std::string>());
  }
  return out;
}

TEST_CASE("a write leaves its arrival, its stages, its commit, its deliveries and its answer") {
  HubFixture hub;
  auto revision = hub.get(kMaps).json()["metadata"]["resourceVersion"].get<std::string>();
  auto stream = hub.watch(kMaps + "?watch=true&resourceVersion=" + revision, actor("scheduler"));
  auto stranger = hub.watch(kMaps + "?watch=true&resourceVersion=" + revision);
  auto headers = actor("kubelet-sim/node-1", "17");
  auto made = hub.request("POST", kMaps, HubFixture::config_map("a").dump(), headers).json();
  hub.events(stream);
  hub.events(stranger);
  auto events = flow_of(hub);
  std::uint64_t number = 0;
  for (const auto& event : events) CHECK(event["seq"] == ++number);

  std::vector<Json> ours;
  std::string id;
  for (const auto& event : events) {
    if (event["kind"] == "request" && event["verb"] == "create") id = event["id"].get<std::string>();
  }
  for (const auto& event : events) {
    if (event.value("id", "") == id || event["kind"] == "delivery") ours.push_back(event);
  }
  REQUIRE(ours.size() > 4);
  CHECK(ours[0]["kind"] == "request");
  CHECK(ours[0]["actor"] == "kubelet-sim/node-1");
  CHECK(ours[0]["object"] == "configmaps/default");
  CHECK(ours[0]["cause"] == 17);
  auto stages = stages_of(events, id);
  CHECK(stages ==
        std::vector<std::string>{"authentication", "authorization", "decoding", "mutating-admission/NamespaceLifecycle",
                                 "mutating-admission/LimitRanger", "mutating-admission/ServiceAccount",
                                 "mutating-admission/TaintNodesByCondition", "mutating-admission/Priority",
                                 "mutating-admission/DefaultTolerationSeconds", "mutating-admission/PodTopologyLabels",
                                 "validation", "validating-admission", "storage", "response"});
  std::size_t commit = 0, delivery = 0, deliveries = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (ours[i]["kind"] == "commit") commit = i;
    if (ours[i]["kind"] == "delivery") {
      delivery = i;
      ++deliveries;
    }
  }
  CHECK(std::to_string(ours[commit]["revision"].get<int>()) == made["metadata"]["resourceVersion"].get<std::string>());
  CHECK(ours[commit]["object"] == "configmaps/default/a");
  CHECK(ours[commit]["verb"] == "create");
  CHECK(ours[commit]["actor"] == "kubelet-sim/node-1");
  CHECK(ours[commit]["cause"] == 17);
  CHECK_FALSE(ours[commit].contains("previous"));
  // The stranger was only counted.
  CHECK(deliveries == 1);
  CHECK(commit < delivery);
  CHECK(ours[delivery]["actor"] == "scheduler");
  CHECK(ours[delivery]["revision"] == ours[commit]["revision"]);
  CHECK(ours[delivery]["object"] == "configmaps/default/a");
}

TEST_CASE("reads leave their arrival and their answer; strangers are named by their User-Agent") {
  HubFixture hub;
  HeaderList agent;
  agent.emplace_back("User-Agent", "kubectl/v1.33.1 (linux/amd64) kubernetes/abc");
  hub.get(kMaps + "/none", agent);
  auto events = flow_of(hub);
  auto request = std::ranges::find_if(events, [](const Json& e) { return e["kind"] == "request"; });
  REQUIRE(request != events.end());
  CHECK((*request)["actor"] == "kubectl");
  CHECK((*request)["object"] == "configmaps/default/none");
  auto id = (*request)["id"].get<std::string>();
  CHECK(stages_of(events, id) == std::vector<std::string>{"response"});
  CHECK(events.back()["code"] == 404);
}

TEST_CASE("updates and subresources name what they replace") {
  HubFixture hub;
  hub.post("/api/v1/nodes", Json::parse(R"({"metadata":{"name":"n"}})"));
  hub.patch("/api/v1/nodes/n/status", Json::parse(R"({"status":{"phase":"x"}})"));
  auto events = flow_of(hub);
  std::vector<Json> commits;
  for (const auto& event : events) {
    if (event["kind"] == "commit") commits.push_back(event);
  }
  // What the server itself owns comes first.
  REQUIRE(commits.size() > 6);
  CHECK(commits[0]["actor"] == "apiserver");
  CHECK(commits[0]["object"] == "namespaces/default");
  const auto& last = commits.back();
  CHECK(last["object"] == "nodes/n/status");
  CHECK(last["verb"] == "patch");
  CHECK(last["previous"] == commits[commits.size() - 2]["revision"]);
}

TEST_CASE("a cost table stands in for the clock") {
  HubOptions options = HubFixture::default_options();
  options.stage_costs["decoding"] = std::chrono::microseconds(60);
  options.stage_costs["mutating-admission/Priority"] = std::chrono::microseconds(2);
  HubFixture hub(1, options);
  hub.post(kMaps, HubFixture::config_map("a"));
  for (const auto& event : flow_of(hub)) {
    if (event["kind"] != "stage") continue;
    if (event["stage"] == "decoding") CHECK(event["duration_us"] == 60);
    if (event["stage"] == "mutating-admission/Priority") CHECK(event["duration_us"] == 2);
    if (event["stage"] == "authentication") CHECK(event["duration_us"] == 0);
  }
}

TEST_CASE("notes, one or many, and what is no note") {
  HubFixture hub;
  auto one = hub.request("POST", kFlow, R"({"pod":"default/web","attempt":1})", actor("scheduler", "timer"));
  CHECK(one.code == 201);
  auto many = hub.request("POST", kFlow, "{\"a\":1}\n\n{\"b\":2}\n", actor("scheduler"));
  CHECK(many.code == 201);
  CHECK(hub.request("POST", kFlow, "{\"a\":", actor("scheduler")).code == 400);
  auto from = one.json()["seq"].get<std::uint64_t>();
  auto notes = flow_of(hub, "?from=" + std::to_string(from));
  REQUIRE(notes.size() == 3);
  CHECK(notes[0]["kind"] == "note");
  CHECK(notes[0]["actor"] == "scheduler");
  CHECK(notes[0]["cause"] == "timer");
  CHECK(notes[0]["data"] == Json::parse(R"({"pod":"default/web","attempt":1})"));
  CHECK(notes[2]["data"]["b"] == 2);
  CHECK(hub.get(kFlow + "?from=x").code == 400);
}

TEST_CASE("a follower gets what comes, strangers' deliveries too") {
  HubFixture hub;
  auto follower = hub.watch(kFlow + "?follow=true&from=1");
  hub.events(follower);
  HeaderList agent;
  agent.emplace_back("User-Agent", "curl/8.0");
  auto stranger = hub.watch(kMaps + "?watch=true&resourceVersion=1", agent);
  hub.post(kMaps, HubFixture::config_map("a"));
  hub.events(stranger);
  bool is_told = false;
  for (const auto& event : hub.events(follower)) is_told |= event["kind"] == "delivery" && event["actor"] == "curl";
  CHECK(is_told);
}

TEST_CASE("a reader may want some kinds only, and a digest for the others") {
  HubFixture hub;
  hub.post(kMaps, HubFixture::config_map("a"));
  auto all = flow_of(hub);
  std::vector<Json> commits;
  for (const auto& event : all) {
    if (event["kind"] == "commit") commits.push_back(event);
  }
  auto some = flow_of(hub, "?kinds=commit&digest=true");
  REQUIRE(some.size() == commits.size() + 1);
  auto digest = some.back();
  some.pop_back();
  CHECK(some == commits);
  CHECK(digest["digest"].get<std::string>().size() == 32);
  CHECK(digest["next"] == all.size() + 1);
  // An event that is not sent changes the digest.
  hub.get(kMaps + "/a");
  auto later = flow_of(hub, "?kinds=commit&digest=true&from=" + digest["next"].dump());
  REQUIRE(later.size() == 1);
  CHECK(later[0]["digest"] != digest["digest"]);
  CHECK(later[0]["next"] == all.size() + 3);
  CHECK(hub.get(kFlow + "?kinds=commit,nonsense").code == 400);
  CHECK(flow_of(hub, "?kinds=note").empty());
}

TEST_CASE("a follower of some kinds wakes for them alone") {
  HubFixture hub;
  auto follower = hub.watch(kFlow + "?follow=true&kinds=commit&digest=true");
  hub.events(follower);
  hub.get(kMaps + "/none");
  CHECK(hub.events(follower).empty());
  hub.post(kMaps, HubFixture::config_map("a"));
  auto events = hub.events(follower);
  REQUIRE(events.size() >= 2);
  CHECK(events[0]["kind"] == "commit");
  CHECK(events[0]["object"] == "configmaps/default/a");
  CHECK(events.back().contains("digest"));
}

TEST_CASE("the digest tells one history from another") {
  auto digest = [](const std::string& actor, std::int64_t duration, int events) {
    FlowLog log;
    FlowEvent event;
    event.kind = FlowKind::kStage;
    event.request = std::make_shared<const FlowRequest>("1", actor, "create", "pods/default/a", "timer");
    event.stage = "storage";
    event.duration_us = duration;
    for (int i = 0; i < events; ++i) log.add(WallTime(), event);
    return log.digest();
  };
  CHECK(digest("a", 1, 2) == digest("a", 1, 2));
  CHECK(digest("a", 1, 2) != digest("b", 1, 2));
  CHECK(digest("a", 1, 2) != digest("a", 2, 2));
  CHECK(digest("a", 1, 2) != digest("a", 1, 3));
}

TEST_CASE("what falls out of the ring is a gap") {
  FlowLog log(2000);
  FlowEvent event;
  event.kind = FlowKind::kNote;
  event.data = "{\"text\":\"quite some text to fill the ring\"}";
  for (int i = 0; i < 100; ++i) log.add(WallTime(), event);
  CHECK(log.bytes() <= 2000);
  auto batch = log.read(1, 1 << 20);
  CHECK(batch.next == 101);
  auto first = Json::parse(batch.text.substr(0, batch.text.find('\n')));
  CHECK(first["kind"] == "gap");
  CHECK(first["data"]["from"] == 1);
  auto next_line = batch.text.substr(batch.text.find('\n') + 1);
  auto second = Json::parse(next_line.substr(0, next_line.find('\n')));
  CHECK(second["seq"] == first["data"]["to"].get<int>() + 1);
  CHECK(log.read(95, 1 << 20).text.find("gap") == std::string::npos);
}

}  // namespace
}  // namespace kubeloop::apiserver
