// An executor that tells of each task before it runs it: what stands between two awaits of a component's coroutines.
// The listener must outlive the executor and all its tasks.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

#include <functional>
#include <utility>

namespace kubeloop::simulator {

struct CountingExecutor {
  boost::asio::any_io_executor inner;
  std::function<void()>* on_task;

  template <class F>
  void execute(F f) const {
    inner.execute([on_task = on_task, f = std::move(f)]() mutable {
      (*on_task)();
      f();
    });
  }
  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return boost::asio::query(inner, boost::asio::execution::context);
  }
  static constexpr boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) noexcept {
    return boost::asio::execution::blocking.never;
  }
  CountingExecutor require(boost::asio::execution::blocking_t::never_t) const noexcept { return *this; }
  bool operator==(const CountingExecutor& other) const noexcept {
    return inner == other.inner && on_task == other.on_task;
  }
};

}  // namespace kubeloop::simulator
