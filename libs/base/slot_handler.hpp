// A completion handler for co_spawn with a cancellation slot and, on purpose, without an executor of its own. For a
// handler that has one (and bind_cancellation_slot gives it one) Asio 1.81 posts the cancellation as a call that points
// into the slot: when the coroutine ends before that call runs, the slot is gone. Without one it cancels at once.
#pragma once
#include <boost/asio/cancellation_signal.hpp>

#include <utility>

namespace kubeloop {

template <class F>
class SlotHandler {
 public:
  using cancellation_slot_type = boost::asio::cancellation_slot;

  SlotHandler(cancellation_slot_type slot, F f) : slot_(slot), f_(std::move(f)) {}
  cancellation_slot_type get_cancellation_slot() const noexcept { return slot_; }
  template <class... Args>
  void operator()(Args&&... args) {
    f_(std::forward<Args>(args)...);
  }

 private:
  cancellation_slot_type slot_;
  F f_;
};

}  // namespace kubeloop
