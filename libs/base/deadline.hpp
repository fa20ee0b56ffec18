// with_deadline runs a coroutine and cancels it when it takes longer than it may.
#pragma once
#include <memory>
#include <optional>

#include "libs/base/cancellable.hpp"
#include "libs/base/env.hpp"

namespace kubeloop {

// The task's value, or nothing when `limit` passed first (the task has then been cancelled and has unwound). Exceptions
// pass through; cancelling the caller cancels the task.
template <class T>
awaitable<std::optional<T>> with_deadline(const Env& env, Duration limit, awaitable<T> task) {
  struct Shared {
    CancelGate gate;
    bool is_expired = false;
  };
  auto shared = std::make_shared<Shared>();
  auto& clock = env.clock;
  TimerId timer = clock.arm(clock.now() + limit, [shared] {
    shared->is_expired = true;
    shared->gate.cancel();
  });
  std::optional<T> value;
  std::exception_ptr error;
  try {
    auto gate = std::shared_ptr<CancelGate>(shared, &shared->gate);
    value = co_await run_cancellable(env.executor, std::move(task), gate);
  } catch (...) {
    error = std::current_exception();
  }
  clock.disarm(timer);
  if (error && !shared->is_expired) std::rethrow_exception(error);
  co_return value;
}

}  // namespace kubeloop
