// What becomes of recorded events. Rules: client-go's tools/record (name, count by PATCH, combined events,
// burst 25 and one more every 5 minutes, retries).
#include "libs/client/event_recorder.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <set>

#include "libs/client/event_correlator.hpp"
#include "simulator/sim_loop.hpp"
#include "tests/client/scripted_server.hpp"

using namespace kubeloop;
using namespace kubeloop::client;
using nlohmann::json;

namespace {

api::ObjectReference web() {
  api::ObjectReference about;
  about.apiVersion = "v1";
  about.kind = "Pod";
  about.namespace_ = "ns";
  about.name = "web";
  about.uid = "u-1";
  return about;
}

struct World {
  simulator::SimLoop loop;
  NoFaults faults;
  Env env{loop.executor(), loop, Rng(7), Log(), faults};
  ScriptedServer server{env};
  TaskGroup tasks{env};
  EventRecorder recorder{env.child("events"), tasks, ApiClient(server, ClientIdentity{"kubelet-sim/node-1", "", {}}),
                         "kubelet", "node-1"};

  ~World() {
    tasks.stop();
    loop.run_ready();
  }
  void run_for(Duration d) { loop.run_until(loop.now() + d); }
  json body(std::size_t i) const { return json::parse(server.requests.at(i).body); }
};

}  // namespace

TEST_CASE("a new event is created with all that describe shows") {
  World world;
  world.server.reply(201, "{}");
  world.run_for(90s);
  world.recorder.event(web(), "Normal", "Pulled", "Image is here", 42);
  world.loop.run_ready();
  REQUIRE(world.server.requests.size() == 1);
  const auto& request = world.server.requests[0];
  CHECK(request.method == "POST");
  CHECK(request.target == "/api/v1/namespaces/ns/events");
  CHECK(request.headers.get("Kubeloop-Cause") == "42");
  json event = world.body(0);
  std::string name = event["metadata"]["name"];
  CHECK(name.starts_with("web."));
  CHECK(name.find_first_not_of("0123456789abcdef", 4) == std::string::npos);
  json expected = json::parse(R"({"apiVersion":"v1","kind":"Event","metadata":{"namespace":"ns"},
    "involvedObject":{"apiVersion":"v1","kind":"Pod","name":"web","namespace":"ns","uid":"u-1"},
    "reason":"Pulled","message":"Image is here","type":"Normal","count":1,"eventTime":null,
    "firstTimestamp":"2026-01-01T00:01:30Z","lastTimestamp":"2026-01-01T00:01:30Z",
    "source":{"component":"kubelet","host":"node-1"},"reportingComponent":"kubelet","reportingInstance":"node-1"})");
  event["metadata"].erase("name");
  CHECK(event == expected);
}

TEST_CASE("a repeated event raises the count of the first; when that has expired, it is written anew with its count") {
  World world;
  world.server.reply(201, "{}");
  world.server.reply(200, "{}");
  world.server.reply(404, "");
  world.server.reply(201, "{}");
  for (int i = 0; i < 3; ++i) {
    world.recorder.event(web(), "Warning", "BackOff", "again", Cause());
    world.run_for(10s);
  }
  REQUIRE(world.server.requests.size() == 4);
  std::string name = world.body(0)["metadata"]["name"];
  CHECK(world.server.requests[1].method == "PATCH");
  CHECK(world.server.requests[1].target == "/api/v1/namespaces/ns/events/" + name);
  CHECK(world.server.requests[1].headers.get("Content-Type") == "application/strategic-merge-patch+json");
  CHECK(world.body(1) == json::parse(R"({"count":2,"lastTimestamp":"2026-01-01T00:00:10Z","message":"again"})"));
  CHECK(world.server.requests[3].method == "POST");
  CHECK(world.body(3)["count"] == 3);
  CHECK(world.body(3)["firstTimestamp"] == "2026-01-01T00:00:00Z");
}

TEST_CASE("events of one instant have different names, also from two recorders; cluster-scoped objects go to default") {
  World world;
  EventRecorder other(world.env.child("other"), world.tasks, ApiClient(world.server, ClientIdentity{"x", "", {}}),
                      "node-controller", "");
  auto node = web();
  node.namespace_ = "";
  for (int i = 0; i < 6; ++i) world.server.reply(201, "{}");
  for (int i = 0; i < 3; ++i) {
    world.recorder.event(node, "Normal", "R", fmt::format("m{}", i), Cause());
    other.event(node, "Normal", "R", fmt::format("m{}", i), Cause());
  }
  world.loop.run_ready();
  std::set<std::string> names;
  for (std::size_t i = 0; i < 6; ++i) {
    names.insert(world.body(i)["metadata"]["name"]);
    CHECK(world.server.requests[i].target == "/api/v1/namespaces/default/events");
    CHECK(world.body(i)["metadata"]["namespace"] == "default");
  }
  CHECK(names.size() == 6);
}

TEST_CASE("an unreachable hub is tried again every 10 s and given up after 12 tries; a refusal is final") {
  World world;
  for (int i = 0; i < 12; ++i) world.server.reply_unreachable();
  world.server.reply(403, "");
  world.server.reply(201, "{}");
  world.recorder.event(web(), "Normal", "A", "a", Cause());
  world.recorder.event(web(), "Normal", "B", "b", Cause());
  world.recorder.event(web(), "Normal", "C", "c", Cause());
  world.run_for(5min);
  REQUIRE(world.server.requests.size() == 14);
  for (std::size_t i = 2; i < 12; ++i) CHECK(world.server.times[i] - world.server.times[i - 1] == 10s);
  CHECK(world.body(11)["reason"] == "A");
  CHECK(world.body(12)["reason"] == "B");
  CHECK(world.body(13)["reason"] == "C");
  // In the order of the calls, with the time of the call.
  CHECK(world.body(13)["firstTimestamp"] == "2026-01-01T00:00:00Z");
}

TEST_CASE("at most 1,000 wait") {
  World world;
  for (int i = 0; i < 1100; ++i) world.recorder.event(web(), "Normal", fmt::format("R{}", i), "m", Cause());
  for (int i = 0; i < 1100; ++i) world.server.reply(201, "{}");
  world.run_for(1s);
  // 1,000 are taken, and of those the spam filter lets 25 through.
  CHECK(world.server.requests.size() == 25);
}

namespace {

EventVerdict see(EventCorrelator& correlator, std::string reason, std::string message, Duration at) {
  EventFacts facts;
  facts.about = web();
  facts.type = "Normal";
  facts.reason = std::move(reason);
  facts.message = std::move(message);
  return correlator.observe(facts, WallTime(at), "name" + std::to_string(at.count()));
}

}  // namespace

TEST_CASE("many similar events with different messages become one") {
  EventCorrelator correlator;
  for (int i = 1; i <= 9; ++i) {
    auto verdict = see(correlator, "R", fmt::format("m{}", i), Duration(i));
    CHECK(verdict.message == fmt::format("m{}", i));
    CHECK_FALSE(verdict.is_repeat);
  }
  auto first = see(correlator, "R", "m10", Duration(10));
  CHECK(first.message == "(combined from similar events): m10");
  CHECK_FALSE(first.is_repeat);
  auto second = see(correlator, "R", "m11", Duration(11));
  CHECK(second.message == "(combined from similar events): m11");
  CHECK(second.is_repeat);
  CHECK(second.name == first.name);
  CHECK(second.count == 2);
  // Another reason is another matter, and after ten quiet minutes it begins anew.
  CHECK(see(correlator, "S", "m12", Duration(12)).message == "m12");
  CHECK(see(correlator, "R", "m13", 11min).message == "m13");
}

TEST_CASE("an object has 25 events at once, and one more every five minutes") {
  EventCorrelator correlator;
  for (int i = 0; i < 25; ++i) CHECK_FALSE(see(correlator, fmt::format("R{}", i), "m", 0s).is_dropped);
  CHECK(see(correlator, "X", "m", 0s).is_dropped);
  CHECK(see(correlator, "X", "m", 299s).is_dropped);
  CHECK_FALSE(see(correlator, "X", "m", 301s).is_dropped);
  CHECK(see(correlator, "X", "m", 302s).is_dropped);
}
