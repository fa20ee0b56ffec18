// What becomes of a group when one of its tasks ends with an exception, in virtual time.
#include "libs/base/task_group.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

#include "simulator/sim_loop.hpp"

using namespace kubeloop;

namespace {

struct World {
  simulator::SimLoop loop;
  NoFaults faults;
  std::vector<std::string> logged;
  std::shared_ptr<const LogSink> sink = std::make_shared<const LogSink>(
      [this](LogLevel, std::string_view, std::string_view line) { logged.emplace_back(line); });
  Env env{loop.executor(), loop, Rng(1), Log("test", sink), faults};
  TaskGroup outside{env};
  std::vector<std::string> said;

  Duration now() const { return loop.now().time_since_epoch(); }
  // Waits in until_stopped() and tells what came of it.
  void watch(TaskGroup& group, std::string name) { outside.spawn("watch", tell(&group, std::move(name))); }
  awaitable<void> tell(TaskGroup* group, std::string name) {
    try {
      co_await group->until_stopped();
      said.push_back(name + " was stopped");
    } catch (const std::exception& e) {
      said.push_back(name + ": " + e.what());
    }
  }
  awaitable<void> sleep_and_throw(Duration duration) {
    co_await sleep_for(env, duration);
    throw std::runtime_error("out of luck");
  }
  awaitable<void> sleep_and_say(Duration duration, std::string word) {
    co_await sleep_for(env, duration);
    said.push_back(word);
  }
};

using Words = std::vector<std::string>;
constexpr auto kEnd = TaskGroup::OnException::kEnd;

}  // namespace

TEST_CASE("an ordinary group logs and counts an exception, and goes on") {
  World world;
  TaskGroup group(world.env);
  world.watch(group, "group");
  group.spawn("a", world.sleep_and_throw(1s));
  group.spawn("b", world.sleep_and_say(2s, "b"));
  world.loop.run_until(Instant(3s));
  CHECK(world.said == Words{"b"});
  CHECK(world.logged == Words{"task a failed: out of luck"});
  CHECK(group.failures() == 1);
  group.stop();
  world.loop.run_ready();
  CHECK(world.said == Words{"b", "group was stopped"});
}

TEST_CASE("a group of essential tasks ends with the first exception") {
  World world;
  TaskGroup group(world.env, kEnd);
  world.watch(group, "group");
  group.spawn("a", world.sleep_and_throw(1s));
  group.spawn("b", world.sleep_and_say(2s, "b"));
  group.spawn("c", world.sleep_and_throw(1s));
  world.loop.run_until(Instant(1s));
  CHECK(world.said == Words{"group: task a failed: out of luck"});
  CHECK(group.live() == 0);
  group.spawn("d", world.sleep_and_say(1s, "d"));
  world.loop.run_until(Instant(5s));
  CHECK(world.said.size() == 1);
  CHECK(group.failures() >= 1);
  // Whoever asks later is told too.
  world.watch(group, "late");
  world.loop.run_ready();
  CHECK(world.said.back() == "late: task a failed: out of luck");
}

TEST_CASE("a task of such a group may return") {
  World world;
  TaskGroup group(world.env, kEnd);
  world.watch(group, "group");
  group.spawn("a", world.sleep_and_say(1s, "a"));
  group.spawn("b", world.sleep_and_say(2s, "b"));
  world.loop.run_until(Instant(3s));
  CHECK(world.said == Words{"a", "b"});
  CHECK(group.failures() == 0);
  group.stop();
  world.loop.run_ready();
}

TEST_CASE("fail stops at once, the first error counts, and none counts after stop") {
  World world;
  TaskGroup group(world.env);
  world.watch(group, "group");
  group.spawn("a", world.sleep_and_say(1s, "a"));
  world.loop.run_ready();
  group.fail(std::make_exception_ptr(std::runtime_error("first")));
  group.fail(std::make_exception_ptr(std::runtime_error("second")));
  world.loop.run_until(Instant(2s));
  CHECK(world.said == Words{"group: first"});

  TaskGroup stopped(world.env);
  world.watch(stopped, "stopped");
  stopped.stop();
  stopped.fail(std::make_exception_ptr(std::runtime_error("too late")));
  world.loop.run_ready();
  CHECK(world.said.back() == "stopped was stopped");
}

TEST_CASE("a task may fail its own group and come to its end") {
  World world;
  TaskGroup group(world.env);
  world.watch(group, "group");
  auto give_up = [](World* w, TaskGroup* own) -> awaitable<void> {
    co_await sleep_for(w->env, 1s);
    own->fail(std::make_exception_ptr(std::runtime_error("given up")));
    w->said.push_back("last words");
  };
  group.spawn("a", give_up(&world, &group));
  world.loop.run_until(Instant(2s));
  CHECK(world.said == Words{"last words", "group: given up"});
  CHECK(group.failures() == 0);
  CHECK(group.live() == 0);
}

TEST_CASE("a group in a group takes the outer one with it, and its failures count there") {
  World world;
  TaskGroup outer(world.env, kEnd), inner(world.env, kEnd), lax(world.env);
  inner.report_to(outer);
  lax.report_to(outer);
  world.watch(outer, "outer");
  outer.spawn("o", world.sleep_and_say(1h, "never"));
  lax.spawn("l", world.sleep_and_throw(1s));
  inner.spawn("i", world.sleep_and_throw(2s));
  world.loop.run_until(Instant(1s));
  CHECK(outer.failures() == 1);
  CHECK(world.said.empty());
  world.loop.run_until(Instant(3s));
  CHECK(world.said == Words{"outer: task i failed: out of luck"});
  CHECK(outer.failures() == 2);
  CHECK(outer.live() == 0);
}
