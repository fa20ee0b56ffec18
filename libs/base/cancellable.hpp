// Runs a coroutine inside another one so that a gate can cancel it alone.
#pragma once
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "libs/base/cancel_gate.hpp"
#include "libs/base/completion.hpp"
#include "libs/base/env.hpp"
#include "libs/base/launch.hpp"

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
    auto done = [outcome, resume = std::move(resume)](std::exception_ptr error, std::optional<T> value) mutable {
      outcome->error = error;
      outcome->value = std::move(value);
      resume({});
    };
    launch(executor, gate, std::move(task), std::move(done));
  };
  auto cancel = [gate] { gate->cancel(); };
  co_await suspend(std::move(start), std::move(cancel));
  if (outcome->error) std::rethrow_exception(outcome->error);
  co_return std::move(*outcome->value);
}

}  // namespace kubeloop
