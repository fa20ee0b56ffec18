// Runs a coroutine inside another one so that a gate can cancel it alone.
#pragma once
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "libs/base/cancel_gate.hpp"
#include "libs/base/completion.hpp"
#include "libs/base/env.hpp"
#include "libs/base/slot_handler.hpp"

namespace kubeloop {

// The task's value; its exceptions pass through. Cancelling `gate` cancels the task, and so does cancelling the caller.
template <class T>
awaitable<T> run_cancellable(asio::any_io_executor executor, awaitable<T> task,
                             std::shared_ptr<CancelGate> gate) {
  struct Outcome {
    std::optional<T> value;
    std::exception_ptr error;
  };
  auto outcome = std::make_shared<Outcome>();
  auto start = [executor, outcome, gate, task = std::move(task)](Resume resume) mutable {
    auto done = [outcome, resume = std::move(resume)](std::exception_ptr error, T value) mutable {
      outcome->error = error;
      if (!error) outcome->value.emplace(std::move(value));
      resume({});
    };
    asio::co_spawn(executor, CancelGate::pass(gate, std::move(task)), SlotHandler(gate->slot(), std::move(done)));
  };
  auto cancel = [gate] { gate->cancel(); };
  co_await suspend(std::move(start), std::move(cancel));
  if (outcome->error) std::rethrow_exception(outcome->error);
  co_return std::move(*outcome->value);
}

}  // namespace kubeloop
