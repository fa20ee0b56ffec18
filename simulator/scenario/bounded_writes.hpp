// Requests that go out side by side, so many at a time and no more. They belong to a TaskGroup that the caller owns and
// that ends them; this only counts. Single-threaded.
#pragma once
#include <cstddef>
#include <memory>

#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"

namespace kubeloop::simulator {

class BoundedWrites {
 public:
  // `tasks` outlives what is started.
  BoundedWrites(TaskGroup& tasks, std::size_t most);

  // Waits until there is room, then starts it.
  awaitable<void> start(awaitable<void> write);
  // Waits until none is under way.
  awaitable<void> wait_for_all();

 private:
  struct State {
    std::size_t under_way = 0;
    Signal ended;
  };
  static awaitable<void> count(std::shared_ptr<State> state, awaitable<void> write);

  TaskGroup& tasks_;
  std::size_t most_;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::simulator
