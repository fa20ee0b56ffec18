// The one bridge from a callback to `co_await`: suspends until `resume` is called, once, and honours cancellation.
// Signal, sleep and deadlines are built on it. The resumed coroutine is posted, never run inside the caller of
// `resume`.
#pragma once
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace kubeloop {

using Resume = std::move_only_function<void(boost::system::error_code)>;

// start(Resume) is called at once and keeps the Resume; on_cancel() is called when the waiter is cancelled and must
// call the kept Resume with operation_aborted. Throws system_error for any error code but success.
template <class Start, class OnCancel>
boost::asio::awaitable<void> suspend(Start start, OnCancel on_cancel) {
  namespace asio = boost::asio;
  using boost::system::error_code;
  auto initiation = [start = std::move(start), on_cancel = std::move(on_cancel)](auto handler) mutable {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto slot = asio::get_associated_cancellation_slot(*shared);
    Resume resume = [shared](error_code ec) mutable {
      auto executor = asio::require(asio::get_associated_executor(*shared), asio::execution::blocking.never);
      executor.execute([shared = std::move(shared), ec]() mutable { std::move (*shared)(ec); });
    };
    start(std::move(resume));
    if (slot.is_connected()) {
      slot.assign([on_cancel = std::move(on_cancel)](asio::cancellation_type) mutable { on_cancel(); });
    }
  };
  return asio::async_initiate<decltype(asio::use_awaitable), void(error_code)>(std::move(initiation),
                                                                               asio::use_awaitable);
}

}  // namespace kubeloop
