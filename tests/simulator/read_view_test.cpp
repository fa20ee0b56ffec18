// What a check reads again and again is what it would read anew.
#include "simulator/checks/read_view.hpp"

#include <fmt/format.h>

#include "libs/base/rng.hpp"
#include "libs/base/task_group.hpp"
#include "simulator/sim_loop.hpp"
#include "tests/simulator/check_world.hpp"

namespace kubeloop::simulator {
namespace {

// Answers each request with the objects of its kind, as they are then.
class Shelf final : public http::Transport {
 public:
  awaitable<Result<http::Response>> send(http::Request request) override {
    if (is_away) co_return failure(503, "ServiceUnavailable", "away");
    if (is_broken) co_return http::Response(200, "application/json", R"({"items":[{]})");
    std::string items;
    for (const auto& [name, text] : request.target.find("/pods") != std::string::npos ? pods : nodes) {
      items += (items.empty() ? "" : ",") + text;
    }
    std::string body = items.empty() ? R"({"items":null})" : R"({"items":[)" + items + "]}";
    co_return http::Response(200, "application/json", std::move(body));
  }

  std::map<std::string, std::string> pods, nodes;
  bool is_away = false, is_broken = false;
};

struct World {
  SimLoop loop;
  NoFaults faults;
  Env env{loop.executor(), loop, Rng(1), Log(), faults};
  Shelf shelf;
  client::ApiClient client{shelf, client::ClientIdentity()};
  Check check = parse_one_check("placement: {selector: app=web, on: {zone: a}}");

  Result<void> read(ReadView& view) {
    Result<void> outcome = failure(500, "", "it did not end");
    TaskGroup tasks(env);
    tasks.spawn("read", [](World& world, ReadView& into, Result<void>& done) -> awaitable<void> {
      done = co_await into.read(world.client, world.check);
    }(*this, view, outcome));
    loop.run_ready();
    return outcome;
  }
};

void check_same(const ReadView& again, const ReadView& anew, int turn) {
  CHECK(again.objects() == anew.objects());
  for (const char* plural : {"pods", "nodes"}) {
    CHECK_MESSAGE(again.view().of(plural) == anew.view().of(plural), plural, " in turn ", turn);
  }
}

TEST_CASE("objects that come, change and go") {
  World world;
  Rng rng(3);
  ReadView again;
  for (int turn = 1; turn <= 300; ++turn) {
    for (auto changes = rng.below(4); changes > 0; --changes) {
      auto& objects = rng.below(3) == 0 ? world.shelf.nodes : world.shelf.pods;
      std::string name = fmt::format("a{}", rng.below(6));
      if (rng.below(4) == 0) {
        objects.erase(name);
      } else {
        std::string in = &objects == &world.shelf.pods ? R"("namespace":"default",)" : "";
        objects[name] = fmt::format(R"({{"metadata":{{{}"name":"{}","n":{}}}}})", in, name, rng.below(3));
      }
    }
    ReadView anew;
    REQUIRE(world.read(again).has_value());
    REQUIRE(world.read(anew).has_value());
    check_same(again, anew, turn);
  }
}

TEST_CASE("what cannot be read leaves nothing behind, and the next time reads it all") {
  World world;
  world.shelf.pods["a"] = R"({"metadata":{"name":"a","namespace":"default"}})";
  ReadView view;
  REQUIRE(world.read(view).has_value());
  CHECK(view.view().find("pods", "default/a") != nullptr);
  for (bool* trouble : {&world.shelf.is_away, &world.shelf.is_broken}) {
    *trouble = true;
    CHECK_FALSE(world.read(view).has_value());
    CHECK(view.objects() == 0);
    CHECK(view.view().find("pods", "default/a") == nullptr);
    *trouble = false;
    REQUIRE(world.read(view).has_value());
    CHECK(view.objects() == 1);
    CHECK(view.view().find("pods", "default/a") != nullptr);
  }
}

}  // namespace
}  // namespace kubeloop::simulator
