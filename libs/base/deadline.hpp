// with_deadline runs a coroutine and cancels it when it takes longer than it may.
#pragma once
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <optional>

#include "libs/base/env.hpp"

namespace kubeloop {

// The task's value, or nothing when `limit` passed first (the task has then been cancelled and has unwound). Exceptions pass through;
// cancelling the caller cancels the task.
template <class T>
awaitable<std::optional<T>> with_deadline(const Env& env, Duration limit, awaitable<T> task) {
  struct Shared {
    asio::cancellation_signal signal;
    bool is_expired = false;
  };
  auto shared = std::make_shared<Shared>();
  auto executor = env.executor;
  auto& clock = env.clock;
  auto parent = (co_await asio::this_coro::cancellation_state).slot();
  if (parent.is_connected()) parent.assign([shared](asio::cancellation_type type) { shared->signal.emit(type); });
  TimerId timer = clock.arm(clock.now() + limit, [shared] {
    shared->is_expired = true;
    shared->signal.emit(asio::cancellation_type::terminal);
  });
  auto token = asio::bind_cancellation_slot(shared->signal.slot(), asio::use_awaitable);
  std::optional<T> value;
  std::exception_ptr error;
  try {
    value = co_await asio::co_spawn(executor, std::move(task), token);
  } catch (...) {
    error = std::current_exception();
  }
  if (parent.is_connected()) parent.clear();
  clock.disarm(timer);
  if (error && !shared->is_expired) std::rethrow_exception(error);
  co_return value;
}

}  // namespace kubeloop
