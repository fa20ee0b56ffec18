// The informer against a scripted server in virtual time. Rules: Kubernetes' watch (410 inside a 200), client-go's
// reflector (list with limit=500, watch with allowWatchBookmarks and timeoutSeconds 300..600, back-off 800 ms to 30 s).
#include "libs/client/informer.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "libs/api/views/core.hpp"
#include "libs/base/task_group.hpp"
#include "libs/http/url.hpp"
#include "simulator/sim_loop.hpp"
#include "tests/client/scripted_server.hpp"

using namespace kubeloop;
using namespace kubeloop::client;

namespace {

std::string map_json(std::string_view name, int revision, std::string_view uid = "", std::string_view extra = "") {
  return fmt::format(R"({{"apiVersion":"v1","kind":"ConfigMap",)"
                     R"("metadata":{{"name":"{}","namespace":"ns","uid":"{}","resourceVersion":"{}"}}{}}})",
                     name, uid.empty() ? name : uid, revision, extra);
}
std::string list_json(int revision, std::vector<std::string> items, std::string_view token = "") {
  std::string joined;
  for (auto& item : items) joined += (joined.empty() ? "" : ",") + item;
  return fmt::format(R"({{"kind":"ConfigMapList","apiVersion":"v1",)"
                     R"("metadata":{{"resourceVersion":"{}","continue":"{}"}},"items":[{}]}})",
                     revision, token, joined);
}
std::string event_json(std::string_view type, const std::string& object) {
  return fmt::format(R"({{"type":"{}","object":{}}})", type, object) + "\n";
}
const std::string kGone = R"J({"kind":"Status","apiVersion":"v1","status":"Failure",)J"
                          R"J("message":"too old resource version: 5 (9)","reason":"Expired","code":410})J";

struct World {
  simulator::SimLoop loop;
  NoFaults faults;
  Env env{loop.executor(), loop, Rng(7), Log(), faults};
  ScriptedServer server{env};
  TaskGroup tasks{env};
  Informer<api::ConfigMap> informer{env, ApiClient(server, ClientIdentity{"test/maps", "", {}}), api::kConfigMaps,
                                    ListOptions()};
  std::vector<std::string> told;

  World() {
    informer.add_handler({[this](const auto& before, const auto& after, std::uint64_t revision) {
      std::string_view name = after ? after->metadata.name : before->metadata.name;
      told.push_back(fmt::format("{}{}@{}", !before ? '+' : !after ? '-' : '~', name, revision));
    }});
  }
  ~World() {
    tasks.stop();
    loop.run_ready();
  }
  void start() {
    tasks.spawn("informer", informer.run());
    loop.run_ready();
  }
  void run_for(Duration d) { loop.run_until(loop.now() + d); }
};

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("the first list comes in pages and is told in revision order; then a watch from the list's revision") {
  World world;
  world.server.reply(200, list_json(9, {map_json("a", 8), map_json("b", 3)}, "next&page"));
  world.server.reply(200, list_json(9, {map_json("c", 5)}));
  world.server.reply_stream();
  world.start();
  CHECK(world.told == Strings{"+b@3", "+c@5", "+a@8"});
  CHECK(world.informer.is_synced());
  CHECK(world.informer.revision() == 9);
  CHECK(world.informer.objects().size() == 3);
  CHECK(world.informer.find("ns/a") != nullptr);
  CHECK(world.informer.find("ns/z") == nullptr);

  REQUIRE(world.server.requests.size() == 3);
  auto first = http::parse_url(world.server.requests[0].target);
  CHECK(first.path == "/api/v1/configmaps");
  CHECK(first.get("limit") == "500");
  CHECK_FALSE(first.has("continue"));
  CHECK(http::parse_url(world.server.requests[1].target).get("continue") == "next&page");
  auto watch = http::parse_url(world.server.requests[2].target);
  CHECK(watch.get("watch") == "true");
  CHECK(watch.get("allowWatchBookmarks") == "true");
  CHECK(watch.get("resourceVersion") == "9");
  int seconds = std::stoi(std::string(watch.get("timeoutSeconds")));
  CHECK(seconds >= 300);
  CHECK(seconds <= 600);
}

TEST_CASE("watch events change the copy and are told once; duplicates are never delivered") {
  World world;
  world.server.reply(200, list_json(9, {map_json("a", 8)}));
  auto stream = world.server.reply_stream();
  world.start();
  world.told.clear();
  std::string added = event_json("ADDED", map_json("b", 10));
  // Events may be cut anywhere between chunks, and several may come in one.
  stream->push(added.substr(0, 25));
  world.loop.run_ready();
  CHECK(world.told.empty());
  stream->push(added.substr(25) + added + event_json("MODIFIED", map_json("a", 11, "", R"(,"data":{"k":"}\"{"})")));
  world.loop.run_ready();
  CHECK(world.told == Strings{"+b@10", "~a@11"});
  CHECK(world.informer.find("ns/a")->data.at("k") == "}\"{");
  stream->push(event_json("DELETED", map_json("b", 12)) + event_json("MODIFIED", map_json("a", 11)));
  world.loop.run_ready();
  CHECK(world.told == Strings{"+b@10", "~a@11", "-b@12"});
  CHECK(world.informer.revision() == 12);
}

TEST_CASE("handlers are called in the order they were added, after the copy has changed") {
  World world;
  Strings order;
  for (int i = 0; i < 2; ++i) {
    world.informer.add_handler({[&order, &world, i](const auto&, const auto& after, std::uint64_t) {
      order.push_back(fmt::format("{}:{}", i, world.informer.find("ns/a") == after));
    }});
  }
  world.server.reply(200, list_json(9, {map_json("a", 8)}));
  world.start();
  CHECK(order == Strings{"0:true", "1:true"});
}

TEST_CASE("a watch that ends cleanly goes on at once from the last revision; a bookmark moves that") {
  World world;
  world.server.reply(200, list_json(9, {}));
  auto stream = world.server.reply_stream();
  world.server.reply_stream();
  world.start();
  stream->push(event_json("BOOKMARK", R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"40"}})"));
  stream->end();
  world.loop.run_ready();
  REQUIRE(world.server.requests.size() == 3);
  CHECK(http::parse_url(world.server.requests[2].target).get("resourceVersion") == "40");
  CHECK(world.server.times[2] == Instant());
  CHECK(world.told.empty());
  CHECK_FALSE(stream->is_open);
}

TEST_CASE("a broken watch goes on from the last revision, after a pause, without a new list") {
  World world;
  world.server.reply(200, list_json(9, {}));
  auto stream = world.server.reply_stream();
  auto second = world.server.reply_stream();
  world.start();
  stream->push(event_json("ADDED", map_json("a", 10)));
  stream->fail(Status(503, "ServiceUnavailable", "connection reset"));
  world.run_for(1700ms);
  REQUIRE(world.server.requests.size() == 3);
  CHECK(http::parse_url(world.server.requests[2].target).get("resourceVersion") == "10");
  CHECK(world.server.times[2] >= Instant(800ms));
  CHECK(world.server.times[2] < Instant(1600ms));
  second->push(event_json("MODIFIED", map_json("a", 11)));
  world.loop.run_ready();
  CHECK(world.told == Strings{"+a@10", "~a@11"});
}

TEST_CASE("410, as an ERROR event or as the HTTP code, lists again at once and tells the difference") {
  for (bool is_event : {true, false}) {
    CAPTURE(is_event);
    World world;
    world.server.reply(200,
                       list_json(9, {map_json("a", 3), map_json("b", 4), map_json("c", 5), map_json("d", 6, "old")}));
    if (is_event) {
      auto stream = world.server.reply_stream();
      stream->push(event_json("ERROR", kGone));
    } else {
      world.server.reply(410, kGone);
    }
    world.server.reply(
        200, list_json(30, {map_json("a", 3), map_json("c", 25), map_json("d", 22, "new"), map_json("e", 21)}));
    world.server.reply_stream();
    world.start();
    // a: as before; b: gone; c: changed; d: deleted and made again; e: new.
    CHECK(world.told == Strings{"+a@3", "+b@4", "+c@5", "+d@6", "+e@21", "-d@22", "+d@22", "~c@25", "-b@30"});
    REQUIRE(world.server.requests.size() == 4);
    CHECK_FALSE(http::parse_url(world.server.requests[2].target).has("resourceVersion"));
    CHECK(http::parse_url(world.server.requests[3].target).get("resourceVersion") == "30");
    CHECK(world.loop.now() == Instant());
  }
}

TEST_CASE("410 again and again is slowed down") {
  World world;
  for (int i = 0; i < 20; ++i) {
    world.server.reply(200, list_json(9, {}));
    world.server.reply(410, kGone);
  }
  world.start();
  world.run_for(10s);
  CHECK(world.server.requests.size() > 4);
  CHECK(world.server.requests.size() < 16);
}

TEST_CASE("an unreachable server is tried again with a doubling, jittered pause of at most 30 s (stretched to 60)") {
  World world;
  for (int i = 0; i < 9; ++i) world.server.reply_unreachable();
  world.start();
  world.run_for(10min);
  REQUIRE(world.server.times.size() == 10);
  std::vector<int> least = {800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000};
  for (std::size_t i = 0; i < least.size(); ++i) {
    CAPTURE(i);
    Duration pause = world.server.times[i + 1] - world.server.times[i];
    CHECK(pause >= std::chrono::milliseconds(least[i]));
    CHECK(pause < std::chrono::milliseconds(2 * least[i]));
  }
  CHECK_FALSE(world.informer.is_synced());
}

TEST_CASE("a continue token that expired in mid-list falls back to a whole list; no half list is ever told") {
  World world;
  world.server.reply(200, list_json(9, {map_json("a", 3)}, "t"));
  world.server.reply(410, kGone);
  world.server.reply(200, list_json(12, {map_json("b", 11)}));
  world.start();
  CHECK(world.told == Strings{"+b@11"});
  CHECK_FALSE(http::parse_url(world.server.requests[2].target).has("limit"));
}

TEST_CASE("an event that cannot be read leads to a new list") {
  World world;
  world.server.reply(200, list_json(9, {}));
  auto stream = world.server.reply_stream();
  stream->push("{\"type\":\"ADDED\",\"object\":{\"metadata\":nonsense}}\n");
  world.server.reply(200, list_json(12, {map_json("b", 11)}));
  world.start();
  world.run_for(5s);
  CHECK(world.told == Strings{"+b@11"});
}

TEST_CASE("nothing is told after the group was stopped, and wait_until_synced ends with the first list") {
  World world;
  bool is_synced = false;
  world.tasks.spawn("waiter", [](Informer<api::ConfigMap>& informer, bool& flag) -> awaitable<void> {
    co_await informer.wait_until_synced();
    flag = true;
  }(world.informer, is_synced));
  world.loop.run_ready();
  CHECK_FALSE(is_synced);
  world.server.reply(200, list_json(9, {}));
  auto stream = world.server.reply_stream();
  world.start();
  CHECK(is_synced);
  world.tasks.stop();
  stream->push(event_json("ADDED", map_json("b", 10)));
  world.run_for(5s);
  CHECK(world.told == Strings{});
  CHECK(world.tasks.live() == 0);
  CHECK_FALSE(stream->is_open);
}
