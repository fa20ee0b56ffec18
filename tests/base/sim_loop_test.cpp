#include "simulator/sim_loop.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"

using namespace kubeloop;
using simulator::SimLoop;

namespace {

Instant at(Duration since_start) {
  return Instant(since_start);
}

}  // namespace

TEST_CASE("sim loop: timers run by instant, then in the order they were armed; the clock jumps") {
  SimLoop loop;
  std::vector<int> order;
  loop.arm(at(2s), [&] { order.push_back(3); });
  loop.arm(at(1s), [&] { order.push_back(1); });
  loop.arm(at(1s), [&] { order.push_back(2); });
  auto cancelled = loop.arm(at(1s), [&] { order.push_back(99); });
  CHECK(loop.disarm(cancelled));
  CHECK(!loop.disarm(cancelled));
  loop.run_until(at(1500ms));
  CHECK(order == std::vector<int>{1, 2});
  CHECK(loop.now() == at(1500ms));
  loop.run_until(at(3s));
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("sim loop: a timer in the past runs now, what is ready runs before any timer") {
  SimLoop loop;
  loop.run_until(at(10s));
  std::vector<int> order;
  loop.arm(at(1s), [&] { order.push_back(2); });
  loop.post([&] { order.push_back(1); });
  loop.run_ready();
  CHECK(order == std::vector<int>{1, 2});
  CHECK(loop.now() == at(10s));
}

TEST_CASE("sim loop: a timer may arm, disarm and post") {
  SimLoop loop;
  int runs = 0;
  std::function<void()> again = [&] {
    if (++runs < 5) loop.arm(loop.now() + 1s, [&] { again(); });
  };
  loop.arm(at(1s), [&] { again(); });
  CHECK(loop.run_until(at(1h), [&] { return runs == 5; }));
  CHECK(loop.now() == at(5s));
  CHECK(!loop.run_until(at(1h), [&] { return runs == 6; }));
  CHECK(loop.now() == at(1h));
}

TEST_CASE("sim loop: wall time starts in 2026") {
  SimLoop loop;
  loop.run_until(at(24h));
  CHECK(loop.wall() == WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)));
}

namespace {

awaitable<void> walk(const Env& env, int id, std::vector<int>& order) {
  for (int i = 0; i < 5; ++i) {
    order.push_back(id);
    co_await yield(env);
  }
}

std::vector<int> interleaving(std::optional<std::uint64_t> shuffle) {
  SimLoop loop(shuffle);
  NoFaults faults;
  Env env(loop.executor(), loop, Rng(1), Log(), faults);
  TaskGroup group(env);
  std::vector<int> order;
  for (int id = 0; id < 6; ++id) group.spawn("walk", walk(env, id, order));
  loop.run_ready();
  CHECK(order.size() == 30);
  return order;
}

}  // namespace

TEST_CASE("sim loop: first in, first out; a shuffle seed gives another order, again and again the same") {
  auto plain = interleaving(std::nullopt);
  CHECK(std::vector<int>(plain.begin(), plain.begin() + 6) == std::vector<int>{0, 1, 2, 3, 4, 5});
  CHECK(plain == interleaving(std::nullopt));
  auto shuffled = interleaving(3);
  CHECK(shuffled != plain);
  CHECK(shuffled == interleaving(3));
  CHECK(shuffled != interleaving(4));
}

TEST_CASE("sim loop: the process has one thread") {
  interleaving(1);
  std::size_t threads = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++threads;
  CHECK(threads == 1);
}

// A coroutine that is neither resumed nor cancelled is never destroyed: stopping its group is what frees it, even if
// the loop runs no more.
TEST_CASE("sim loop: it can be destroyed while coroutines unwind") {
  NoFaults faults;
  auto held = std::make_shared<int>(0);
  {
    SimLoop loop;
    Env env(loop.executor(), loop, Rng(1), Log(), faults);
    auto wait = [](const Env& e, std::shared_ptr<int>) -> awaitable<void> {
      co_await sleep_for(e, std::chrono::hours(1));
    };
    TaskGroup group(env);
    group.spawn("sleep", wait(env, held));
    loop.run_ready();
    CHECK(held.use_count() == 2);
    group.stop();
    CHECK(held.use_count() == 2);
  }
  CHECK(held.use_count() == 1);
}
