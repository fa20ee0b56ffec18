// Cancels one coroutine, at any moment. Asio 1.81 lets an exception escape from co_spawn when a coroutine is cancelled
// before it has begun, or ends without having waited after it was cancelled: the gate holds a cancellation back until
// the coroutine has begun, and switches the check off once it has ended. Single-threaded.
#pragma once
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "libs/base/env.hpp"

namespace kubeloop {

class CancelGate {
 public:
  void cancel() {
    is_cancelled_ = true;
    if (has_begun_) signal_.emit(asio::cancellation_type::terminal);
  }
  asio::cancellation_slot slot() { return signal_.slot(); }

  // Wrapped around the coroutine that is spawned with slot().
  static awaitable<void> pass(std::shared_ptr<CancelGate> gate, awaitable<void> task) {
    gate->begin();
    std::exception_ptr error;
    try {
      co_await std::move(task);
    } catch (...) {
      error = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    if (error) std::rethrow_exception(error);
  }

  template <class T>
  static awaitable<T> pass(std::shared_ptr<CancelGate> gate, awaitable<T> task) {
    gate->begin();
    std::exception_ptr error;
    std::optional<T> value;
    try {
      value.emplace(co_await std::move(task));
    } catch (...) {
      error = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    if (error) std::rethrow_exception(error);
    co_return std::move(*value);
  }

 private:
  void begin() {
    has_begun_ = true;
    if (is_cancelled_) throw boost::system::system_error(asio::error::operation_aborted);
  }

  asio::cancellation_signal signal_;
  bool has_begun_ = false;
  bool is_cancelled_ = false;
};

}  // namespace kubeloop
