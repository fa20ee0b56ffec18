// Owns every coroutine of a component. stop() cancels them all; join() waits until the last one has unwound. A
// coroutine that ends with an exception other than cancellation is counted and reported to the log or, in a group of
// essential tasks, ends the whole group. Spawn only here: detached coroutines swallow errors.
#pragma once
#include <exception>
#include <list>
#include <string>

#include "libs/base/env.hpp"
#include "libs/base/signal.hpp"

namespace kubeloop {

class TaskGroup {
 public:
  // What an exception out of a task does. kLog: a line in the log, the others go on (requests, sessions). kEnd: without
  // this task the component is worth nothing, so it is the failure of the whole group (informers, loops); it is not
  // logged here, for whoever waits in until_stopped() gets it, as std::runtime_error("task NAME failed: ...").
  enum class OnException { kLog, kEnd };

  explicit TaskGroup(const Env& env, OnException on_exception = OnException::kLog);
  ~TaskGroup();  // everything must have been joined, or the executor must never run again
  TaskGroup(const TaskGroup&) = delete;

  // `name` is for the log. After stop() nothing is started any more.
  void spawn(std::string name, awaitable<void> task);
  // Stops everything at once because of `error`. The first failure counts; a group that is stopped cannot fail.
  void fail(std::exception_ptr error);
  // From now on this group's failures count in `parent` too, and when it fails, so does `parent`.
  void report_to(const TaskGroup& parent);

  void stop();
  awaitable<void> join();
  // Stops, and waits even if the caller is cancelled meanwhile. A caller that may have been cancelled already must say
  // `co_await asio::this_coro::throw_if_cancelled(false)` first, or Asio throws before this has begun.
  awaitable<void> stop_and_join();
  // Waits until somebody stops the group; throws its error when it failed. The tasks may still be unwinding then.
  awaitable<void> until_stopped();

  std::size_t live() const;
  // Tasks that ended with an exception.
  std::size_t failures() const;

 private:
  struct State;

  std::shared_ptr<State> state_;
  asio::any_io_executor executor_;
};

}  // namespace kubeloop
