// Owns every coroutine of a component. stop() cancels them all; join() waits until the last one has unwound. A
// coroutine that ends with an exception other than cancellation is reported to the log and counted. Spawn only here:
// detached coroutines swallow errors.
#pragma once
#include <list>
#include <string>

#include "libs/base/env.hpp"
#include "libs/base/signal.hpp"

namespace kubeloop {

class TaskGroup {
 public:
  explicit TaskGroup(const Env& env);
  ~TaskGroup();  // everything must have been joined, or the executor must never run again
  TaskGroup(const TaskGroup&) = delete;

  // `name` is for the log. After stop() nothing is started any more.
  void spawn(std::string name, awaitable<void> task);
  void stop();
  awaitable<void> join();
  // Stops, and waits even if the caller is cancelled meanwhile. A caller that may have been cancelled already must say
  // `co_await asio::this_coro::throw_if_cancelled(false)` first, or Asio throws before this has begun.
  awaitable<void> stop_and_join();

  std::size_t live() const;
  std::size_t failures() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  asio::any_io_executor executor_;
};

}  // namespace kubeloop
