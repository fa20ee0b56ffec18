// Runs a coroutine inside another one so that a signal can cancel it alone.
#pragma once
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "libs/base/completion.hpp"
#include "libs/base/env.hpp"
#include "libs/base/slot_handler.hpp"

namespace kubeloop {

// The task's value; its exceptions pass through. Emitting `signal` cancels the task, and so does cancelling the caller.
template <class T>
awaitable<T> run_cancellable(asio::any_io_executor executor, awaitable<T> task,
                             std::shared_ptr<asio::cancellation_signal> signal) {
  struct Outcome {
    std::optional<T> value;
    std::exception_ptr error;
  };
  auto outcome = std::make_shared<Outcome>();
  auto start = [executor, outcome, signal, task = std::move(task)](Resume resume) mutable {
    auto done = [outcome, resume = std::move(resume)](std::exception_ptr error, T value) mutable {
      outcome->error = error;
      if (!error) outcome->value.emplace(std::move(value));
      resume({});
    };
    asio::co_spawn(executor, std::move(task), SlotHandler(signal->slot(), std::move(done)));
  };
  auto cancel = [signal] { signal->emit(asio::cancellation_type::terminal); };
  co_await suspend(std::move(start), std::move(cancel));
  if (outcome->error) std::rethrow_exception(outcome->error);
  co_return std::move(*outcome->value);
}

}  // namespace kubeloop
