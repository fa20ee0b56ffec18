// Starts a coroutine beside the one that runs, with a gate that cancels it. What Asio's co_spawn does in four turns of
// the executor is one here, and the completion is called at the coroutine's end, in the same turn. The one place that
// knows the inside of Asio's coroutines (1.81); use TaskGroup or run_cancellable. Single-threaded.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "libs/base/cancel_gate.hpp"

namespace kubeloop {
namespace launch_detail {

using EntryPoint = awaitable<asio::detail::awaitable_thread_entry_point>;
using Thread = asio::detail::awaitable_handler<asio::any_io_executor>;

// `work` keeps an io_context running while the coroutine is suspended.
template <class Done>
EntryPoint run(asio::any_io_executor work, std::shared_ptr<CancelGate> gate, awaitable<void> task, Done done) {
  std::exception_ptr error;
  try {
    gate->begin();
    co_await std::move(task);
  } catch (...) {
    error = std::current_exception();
  }
  done(error);
}

template <class T, class Done>
EntryPoint run(asio::any_io_executor work, std::shared_ptr<CancelGate> gate, awaitable<T> task, Done done) {
  std::exception_ptr error;
  std::optional<T> value;
  try {
    gate->begin();
    value.emplace(co_await std::move(task));
  } catch (...) {
    error = std::current_exception();
  }
  done(error, std::move(value));
}

template <class T, class Done>
Thread make_thread(const asio::any_io_executor& executor, std::shared_ptr<CancelGate> gate, awaitable<T> task,
                   Done done) {
  auto slot = gate->slot();
  auto work = asio::prefer(executor, asio::execution::outstanding_work.tracked);
  auto entry = run(std::move(work), std::move(gate), std::move(task), std::move(done));
  return Thread(std::move(entry), executor, slot, asio::cancellation_state(slot));
}

}  // namespace launch_detail

// Runs `task` up to its first wait before this returns. `done(std::exception_ptr)`, for an awaitable<T>
// `done(std::exception_ptr, std::optional<T>)`, is called when it has ended, and must not throw.
template <class T, class Done>
void launch(const asio::any_io_executor& executor, std::shared_ptr<CancelGate> gate, awaitable<T> task, Done done) {
  auto thread = launch_detail::make_thread(executor, std::move(gate), std::move(task), std::move(done));
  thread.launch();
}

// The same from a turn of its own.
template <class T, class Done>
void launch_later(const asio::any_io_executor& executor, std::shared_ptr<CancelGate> gate, awaitable<T> task,
                  Done done) {
  auto thread = launch_detail::make_thread(executor, std::move(gate), std::move(task), std::move(done));
  asio::require(executor, asio::execution::blocking.never).execute([thread = std::move(thread)]() mutable {
    thread.launch();
  });
}

}  // namespace kubeloop
