// Cancels one coroutine, at any moment: one that has not begun yet ends as soon as it begins (launch.hpp).
// Single-threaded.
#pragma once
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "libs/base/env.hpp"

namespace kubeloop {

class CancelGate {
 public:
  void cancel() {
    is_cancelled_ = true;
    if (has_begun_) signal_.emit(asio::cancellation_type::terminal);
  }
  asio::cancellation_slot slot() { return signal_.slot(); }

  // Called by the coroutine itself, before anything else; throws when it has been cancelled already.
  void begin() {
    has_begun_ = true;
    if (is_cancelled_) throw boost::system::system_error(asio::error::operation_aborted);
  }

 private:
  asio::cancellation_signal signal_;
  bool has_begun_ = false;
  bool is_cancelled_ = false;
};

}  // namespace kubeloop
