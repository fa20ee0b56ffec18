// Cancelling a coroutine at the moment at which it ends by itself, in every order of what is ready: neither TaskGroup
// nor with_deadline may touch what is gone (run it under ASan).
#include <doctest/doctest.h>

#include "libs/base/deadline.hpp"
#include "libs/base/faults.hpp"
#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop {
namespace {

awaitable<void> wait_for(Signal* signal, int* ended) {
  co_await signal->wait();
  ++*ended;
}

awaitable<int> sleep_and_answer(const Env* env, Duration duration) {
  co_await sleep_for(*env, duration);
  co_return 7;
}

awaitable<void> with_limit(const Env* env, Duration duration, Duration limit, std::optional<int>* answer,
                           bool* is_done) {
  *answer = co_await with_deadline(*env, limit, sleep_and_answer(env, duration));
  *is_done = true;
}

awaitable<int> wait_and_answer(Signal* signal) {
  co_await signal->wait();
  co_return 7;
}

awaitable<void> wait_with_limit(const Env* env, Signal* signal, bool* is_done) {
  co_await with_deadline(*env, Duration(1000), wait_and_answer(signal));
  *is_done = true;
}

struct World {
  explicit World(std::uint64_t shuffle) : loop(shuffle), env(loop.executor(), loop, Rng(1), Log(), faults) {}
  simulator::SimLoop loop;
  NoFaults faults;
  Env env;
};

}  // namespace

TEST_CASE("a task group is stopped while its coroutines end") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    World world(seed);
    TaskGroup group(world.env);
    Signal signal;
    int ended = 0;
    for (int i = 0; i < 10; ++i) group.spawn("waiter", wait_for(&signal, &ended));
    world.loop.run_ready();
    signal.notify();
    group.stop();
    world.loop.run_ready();
    CHECK(group.live() == 0);
    CHECK(group.failures() == 0);
  }
}

TEST_CASE("a deadline passes at the moment at which the task ends") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    World world(seed);
    TaskGroup group(world.env);
    std::optional<int> answers[3];
    bool is_done[3] = {false, false, false};
    Duration limits[3] = {Duration(9), Duration(10), Duration(11)};
    for (int i = 0; i < 3; ++i) {
      group.spawn("limited", with_limit(&world.env, Duration(10), limits[i], &answers[i], &is_done[i]));
    }
    world.loop.run_until(Instant(Duration(20)));
    CHECK((is_done[0] && is_done[1] && is_done[2]));
    CHECK(!answers[0]);
    CHECK(answers[2] == 7);
    CHECK(group.live() == 0);
  }
}

TEST_CASE("cancelling who waits for a limited task cancels the task, also while it ends") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    World world(seed);
    TaskGroup group(world.env);
    Signal signal;
    bool is_done[10] = {};
    for (bool& done : is_done) group.spawn("limited", wait_with_limit(&world.env, &signal, &done));
    world.loop.run_until(Instant(Duration(50)));
    if (seed % 2 == 0) signal.notify();
    group.stop();
    world.loop.run_ready();
    CHECK(group.live() == 0);
    CHECK(group.failures() == 0);
    for (bool done : is_done) CHECK(!(done && seed % 2 != 0));
  }
}

}  // namespace kubeloop
