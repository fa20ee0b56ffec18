#include "libs/base/real_clock.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "libs/base/task_group.hpp"

using namespace kubeloop;

TEST_CASE("real clock: timers run in order, a disarmed one does not, and time does not go back") {
  boost::asio::io_context context;
  RealClock clock(context);
  std::vector<int> order;
  Instant start = clock.now();
  clock.arm(start + 3ms, [&] { order.push_back(3); });
  clock.arm(start + 1ms, [&] { order.push_back(1); });
  clock.arm(start + 1ms, [&] { order.push_back(2); });
  auto cancelled = clock.arm(start + 2ms, [&] { order.push_back(99); });
  CHECK(clock.disarm(cancelled));
  CHECK(!clock.disarm(cancelled));
  context.run();
  CHECK(order == std::vector<int>{1, 2, 3});
  CHECK(clock.now() >= start + 3ms);
}

TEST_CASE("real clock: a timer may arm a nearer one than those that wait") {
  boost::asio::io_context context;
  RealClock clock(context);
  std::vector<int> order;
  auto far = clock.arm(clock.now() + 1h, [&] { order.push_back(99); });
  clock.arm(clock.now(), [&] {
    order.push_back(1);
    clock.arm(clock.now() + 1ms, [&] {
      order.push_back(2);
      clock.disarm(far);
    });
  });
  context.run();
  CHECK(order == std::vector<int>{1, 2});
}

TEST_CASE("real clock: destroying it drops what waits") {
  boost::asio::io_context context;
  {
    RealClock clock(context);
    clock.arm(clock.now() + 1h, [] { FAIL("must not run"); });
  }
  context.run();
  CHECK(context.stopped());
}

TEST_CASE("real clock: coroutines sleep on it") {
  boost::asio::io_context context;
  RealClock clock(context);
  NoFaults faults;
  Env env(context.get_executor(), clock, Rng(1), Log(), faults);
  TaskGroup group(env);
  Instant woken{};
  auto task = [](const Env& e, Instant& when) -> awaitable<void> {
    co_await sleep_for(e, std::chrono::milliseconds(2));
    when = e.clock.now();
  };
  Instant start = clock.now();
  group.spawn("sleep", task(env, woken));
  context.run();
  CHECK(woken >= start + 2ms);
}
