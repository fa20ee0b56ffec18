// A loop of virtual time with everything a store needs around it.
#pragma once
#include <doctest/doctest.h>

#include <memory>
#include <optional>

#include "libs/base/env.hpp"
#include "libs/base/faults.hpp"
#include "libs/base/task_group.hpp"
#include "simulator/sim_loop.hpp"
#include "tests/storage/sample_pods.hpp"

namespace kubeloop::apiserver {

struct SimWorld {
  explicit SimWorld(std::optional<std::uint64_t> shuffle = std::nullopt)
      : loop(shuffle), env(loop.executor(), loop, Rng(1), Log(), faults), group(env) {}
  ~SimWorld() { stop(); }

  void spawn(awaitable<void> task) { group.spawn("test", std::move(task)); }

  // Runs the task to its end; fails the test when it never ends.
  template <class T>
  T run(awaitable<T> task) {
    auto value = std::make_shared<std::optional<T>>();
    spawn(keep<T>(std::move(task), value));
    bool is_done = loop.run_until(loop.now() + std::chrono::hours(1), [&] { return value->has_value(); });
    REQUIRE_MESSAGE(is_done, "the task did not end");
    return std::move(**value);
  }

  void stop() {
    group.stop();
    loop.run_until(loop.now() + std::chrono::hours(1), [&] { return group.live() == 0; });
  }

  simulator::SimLoop loop;
  NoFaults faults;
  Env env;
  TaskGroup group;

 private:
  template <class T>
  static awaitable<void> keep(awaitable<T> task, std::shared_ptr<std::optional<T>> value) {
    auto result = co_await std::move(task);
    value->emplace(std::move(result));
  }
};

}  // namespace kubeloop::apiserver
