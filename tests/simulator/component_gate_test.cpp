// What a component runs on: held while it is frozen, and nothing lost or reordered by it.
#include "simulator/cluster/component_gate.hpp"

#include <doctest/doctest.h>

#include <boost/asio/post.hpp>
#include <memory>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"

namespace kubeloop::simulator {
namespace {

struct World {
  SimLoop loop;
  ComponentGate gate{loop};
  NoFaults no_faults;
  Env env{gate.executor(), gate, Rng(1), Log(), no_faults};
  std::vector<int> ran;

  void post(int number) {
    asio::post(gate.executor(), [this, number] { ran.push_back(number); });
  }
  TimerId arm(Duration at, int number) {
    return gate.arm(Instant{} + at, [this, number] { ran.push_back(number); });
  }
};

TEST_CASE("what is posted while it is frozen runs after the thaw, in its order") {
  World w;
  w.post(1);
  w.loop.run_ready();
  w.post(2);
  w.gate.freeze();
  w.post(3);
  w.loop.run_ready();
  CHECK(w.ran == std::vector<int>{1});
  w.gate.thaw();
  w.post(4);
  w.loop.run_ready();
  CHECK(w.ran == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("timers that come due meanwhile run after the thaw, before later ones") {
  World w;
  w.arm(1s, 1);
  w.arm(2s, 2);
  w.arm(9s, 9);
  w.gate.freeze();
  w.loop.run_until(Instant{} + 5s);
  CHECK(w.ran.empty());
  w.gate.thaw();
  w.loop.run_ready();
  CHECK(w.ran == std::vector<int>{1, 2});
  w.loop.run_until(Instant{} + 10s);
  CHECK(w.ran == std::vector<int>{1, 2, 9});
}

TEST_CASE("a timer that is disarmed while it is frozen does not run") {
  World w;
  auto timer = w.arm(5s, 1);
  w.gate.freeze();
  w.loop.run_until(Instant{} + 1s);
  CHECK(w.gate.disarm(timer));
  w.gate.thaw();
  w.loop.run_until(Instant{} + 10s);
  CHECK(w.ran.empty());
}

TEST_CASE("frozen again before it has woken: it stays as it is") {
  World w;
  w.gate.freeze();
  w.post(1);
  w.post(2);
  w.loop.run_ready();
  w.gate.thaw();
  w.gate.freeze();
  w.post(3);
  w.loop.run_ready();
  CHECK(w.ran.empty());
  w.gate.thaw();
  w.loop.run_ready();
  CHECK(w.ran == std::vector<int>{1, 2, 3});
}

TEST_CASE("its wall clock can be wrong; the time that passes is not") {
  World w;
  w.loop.run_until(Instant{} + 5s);
  CHECK(w.gate.wall() == w.loop.wall());
  w.gate.set_skew(1h);
  CHECK(w.gate.wall() == w.loop.wall() + 1h);
  CHECK(w.gate.now() == w.loop.now());
  w.gate.set_skew(-30s);
  CHECK(w.gate.wall() == w.loop.wall() - 30s);
}

TEST_CASE("each turn is told, also of those that were held") {
  World w;
  int turns = 0;
  w.gate.on_turn([&turns] { ++turns; });
  w.post(1);
  w.loop.run_ready();
  CHECK(turns == 1);
  w.gate.freeze();
  w.post(2);
  w.post(3);
  w.loop.run_ready();
  CHECK(turns == 1);
  w.gate.thaw();
  w.loop.run_ready();
  CHECK(turns == 3);
}

awaitable<void> wait_for(Signal& signal, const Env& env, Duration most, bool& is_told) {
  is_told = co_await signal.wait_until(env, env.clock.now() + most);
}

TEST_CASE("a wait whose end is held, and which is told meanwhile, ends once") {
  World w;
  TaskGroup tasks(w.env);
  auto signal = std::make_unique<Signal>();
  bool is_told = false;
  tasks.spawn("wait", wait_for(*signal, w.env, 2s, is_told));
  w.loop.run_until(Instant{} + 1s);
  w.gate.freeze();
  w.loop.run_until(Instant{} + 3s);  // its time is over, and held
  signal->notify();
  w.loop.run_until(Instant{} + 4s);
  CHECK(tasks.live() == 1);
  w.gate.thaw();
  w.loop.run_until(Instant{} + 5s);
  CHECK(tasks.live() == 0);
  CHECK_FALSE(is_told);  // its time was over before that
}

TEST_CASE("a sleeper that is cancelled while its end is held ends once") {
  World w;
  TaskGroup tasks(w.env);
  tasks.spawn("sleep", sleep_for(w.env, 2s));
  w.loop.run_until(Instant{} + 1s);
  w.gate.freeze();
  w.loop.run_until(Instant{} + 3s);
  tasks.stop();
  w.loop.run_until(Instant{} + 4s);
  CHECK(tasks.live() == 1);
  w.gate.thaw();
  w.loop.run_until(Instant{} + 5s);
  CHECK(tasks.live() == 0);
}

}  // namespace
}  // namespace kubeloop::simulator
