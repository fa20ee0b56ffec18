// Signal, TaskGroup, with_deadline and the waits of Env, in virtual time.
#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

#include "libs/base/deadline.hpp"
#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "simulator/sim_loop.hpp"

using namespace kubeloop;
using simulator::SimLoop;

namespace {

struct World {
  SimLoop loop;
  NoFaults faults;
  Env env{loop.executor(), loop, Rng(1), Log(), faults};
  TaskGroup group{env};
  std::vector<std::string> said;

  Duration now() const { return loop.now().time_since_epoch(); }
};

awaitable<void> wait_and_say(World& world, Signal& signal, std::string word) {
  co_await signal.wait();
  world.said.push_back(word);
}

awaitable<void> sleep_and_say(World& world, Duration duration, std::string word) {
  co_await sleep_for(world.env, duration);
  world.said.push_back(word);
}

awaitable<int> answer_after(const Env& env, Duration duration) {
  co_await sleep_for(env, duration);
  co_return 42;
}

awaitable<int> fail_after(const Env& env, Duration duration) {
  co_await sleep_for(env, duration);
  throw std::runtime_error("failed");
}

}  // namespace

TEST_CASE("signal: wakes all that wait; with nobody waiting it is remembered once") {
  World world;
  Signal signal;
  world.group.spawn("a", wait_and_say(world, signal, "a"));
  world.group.spawn("b", wait_and_say(world, signal, "b"));
  world.loop.run_ready();
  CHECK(world.said.empty());
  signal.notify();
  CHECK(world.said.empty());  // resumed later, never inside notify
  world.loop.run_ready();
  CHECK(world.said == std::vector<std::string>{"a", "b"});
  signal.notify();
  signal.notify();
  world.group.spawn("c", wait_and_say(world, signal, "c"));
  world.group.spawn("d", wait_and_say(world, signal, "d"));
  world.loop.run_ready();
  CHECK(world.said == std::vector<std::string>{"a", "b", "c"});
  CHECK(world.group.live() == 1);
  world.group.stop();
  world.loop.run_ready();
  CHECK(world.group.live() == 0);
}

TEST_CASE("signal: wait_until says which came first") {
  World world;
  Signal signal;
  auto task = [](World& w, Signal& s) -> awaitable<void> {
    bool first = co_await s.wait_until(w.env, Instant(5s));
    w.said.push_back(first ? "notified" : "late");
    bool second = co_await s.wait_until(w.env, Instant(10s));
    w.said.push_back(second ? "notified" : "late");
  };
  world.group.spawn("wait", task(world, signal));
  world.loop.arm(Instant(2s), [&] { signal.notify(); });
  world.loop.run_until(Instant(9s));
  CHECK(world.said == std::vector<std::string>{"notified"});
  world.loop.run_until(Instant(10s));
  CHECK(world.said == std::vector<std::string>{"notified", "late"});
}

TEST_CASE("signal: destroying it ends its waiters as if they were cancelled") {
  World world;
  auto signal = std::make_unique<Signal>();
  world.group.spawn("a", wait_and_say(world, *signal, "a"));
  world.loop.run_ready();
  signal.reset();
  world.loop.run_ready();
  CHECK(world.group.live() == 0);
  CHECK(world.group.failures() == 0);
  CHECK(world.said.empty());
}

TEST_CASE("task group: stop cancels, join waits, nothing starts afterwards") {
  World world;
  bool is_joined = false;
  TaskGroup inner(world.env);
  inner.spawn("sleep", sleep_and_say(world, 1h, "never"));
  auto join = [](TaskGroup& group, bool& done) -> awaitable<void> {
    co_await group.join();
    done = true;
  };
  world.group.spawn("join", join(inner, is_joined));
  world.loop.run_until(Instant(1s));
  CHECK(!is_joined);
  CHECK(inner.live() == 1);
  inner.stop();
  inner.spawn("late", sleep_and_say(world, 1s, "late"));
  world.loop.run_until(Instant(10s));
  CHECK(is_joined);
  CHECK(inner.live() == 0);
  CHECK(inner.failures() == 0);
  CHECK(world.said.empty());
}

TEST_CASE("task group: an exception is counted and logged, cancellation is not") {
  World world;
  std::vector<std::string> lines;
  LogSink keep = [&](LogLevel, std::string_view component, std::string_view line) {
    lines.push_back(fmt::format("{}: {}", component, line));
  };
  auto sink = std::make_shared<const LogSink>(keep);
  Env env(world.loop.executor(), world.loop, Rng(1), Log("part", sink), world.faults);
  TaskGroup group(env);
  auto fail = [](const Env& e) -> awaitable<void> {
    co_await sleep_for(e, std::chrono::seconds(1));
    throw std::runtime_error("broken");
  };
  group.spawn("bad", fail(env));
  world.loop.run_until(Instant(2s));
  CHECK(group.failures() == 1);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "part: task bad failed: broken");
}

TEST_CASE("task group: stop_and_join waits even when its caller is cancelled") {
  World world;
  TaskGroup inner(world.env);
  auto slow_to_end = [](World& w) -> awaitable<void> {
    try {
      co_await sleep_for(w.env, std::chrono::hours(1));
    } catch (const boost::system::system_error&) {
    }
    co_await asio::this_coro::reset_cancellation_state();
    co_await sleep_for(w.env, std::chrono::seconds(5));
    w.said.push_back("ended");
  };
  auto owner = [](World& w, TaskGroup& group) -> awaitable<void> {
    try {
      co_await sleep_for(w.env, std::chrono::hours(1));
    } catch (const boost::system::system_error&) {
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await group.stop_and_join();
    w.said.push_back("joined");
  };
  inner.spawn("slow", slow_to_end(world));
  world.group.spawn("owner", owner(world, inner));
  world.loop.run_until(Instant(1s));
  world.group.stop();
  world.loop.run_until(Instant(2s));
  CHECK(world.said.empty());
  world.group.stop();
  world.loop.run_until(Instant(10s));
  CHECK(world.said == std::vector<std::string>{"ended", "joined"});
}

TEST_CASE("with_deadline: in time, too late, and with an exception") {
  World world;
  auto task = [](World& w) -> awaitable<void> {
    auto in_time = co_await with_deadline(w.env, 5s, answer_after(w.env, 2s));
    CHECK(in_time == 42);
    CHECK(w.now() == 2s);
    auto late = co_await with_deadline(w.env, 5s, answer_after(w.env, 20s));
    CHECK(!late.has_value());
    CHECK(w.now() == 7s);
    bool has_thrown = false;
    try {
      co_await with_deadline(w.env, 5s, fail_after(w.env, 1s));
    } catch (const std::runtime_error&) {
      has_thrown = true;
    }
    CHECK(has_thrown);
    co_await sleep_for(w.env, 1s);  // still usable
    w.said.push_back("done");
  };
  world.group.spawn("test", task(world));
  world.loop.run_until(Instant(1min));
  CHECK(world.said == std::vector<std::string>{"done"});
  CHECK(world.group.failures() == 0);
}

TEST_CASE("with_deadline: cancelling the caller cancels the task") {
  World world;
  auto task = [](World& w) -> awaitable<void> {
    co_await with_deadline(w.env, 1h, answer_after(w.env, 30min));
    w.said.push_back("never");
  };
  world.group.spawn("test", task(world));
  world.loop.run_until(Instant(1s));
  world.group.stop();
  world.loop.run_until(Instant(2s));
  CHECK(world.group.live() == 0);
  CHECK(world.said.empty());
}

TEST_CASE("env: sleep_until in the past returns; a child has its own random stream") {
  World world;
  world.loop.run_until(Instant(10s));
  auto task = [](World& w) -> awaitable<void> {
    co_await sleep_until(w.env, Instant(1s));
    w.said.push_back("awake");
  };
  world.group.spawn("sleep", task(world));
  world.loop.run_ready();
  CHECK(world.said.size() == 1);
  CHECK(world.env.child("a").rng.next() == Rng(1).fork("a").next());
  CHECK(world.env.child("a").rng.next() != world.env.child("b").rng.next());
}
