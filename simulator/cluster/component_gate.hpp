// What one life of a component runs on in virtual time: an executor and a clock that the simulator can hold (a process
// that is frozen), count (to end it between two awaits) and set wrong (a skewed wall clock). Must outlive every task
// that was posted through it: the cluster keeps the gates of dead lives to its end.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>

#include <deque>
#include <functional>

#include "libs/base/clock.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::simulator {

class ComponentGate final : public Clock {
 public:
  explicit ComponentGate(SimLoop& loop) : loop_(loop) {}

  // Names the loop too: what posts while everything is torn down may do so after the gate has gone.
  struct Executor {
    ComponentGate* gate;
    SimLoop* loop;
    template <class F>
    void execute(F f) const {
      loop->post([gate = gate, f = std::move(f)]() mutable {
        if (gate->is_frozen_) {
          gate->held_.push_back([f = std::move(f)]() mutable { f(); });
          return;
        }
        gate->turn();
        f();
      });
    }
    SimLoop& query(boost::asio::execution::context_t) const noexcept { return *loop; }
    static constexpr boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) noexcept {
      return boost::asio::execution::blocking.never;
    }
    Executor require(boost::asio::execution::blocking_t::never_t) const noexcept { return *this; }
    bool operator==(const Executor&) const noexcept = default;
  };
  boost::asio::any_io_executor executor() { return Executor{this, &loop_}; }

  // Clock. Timers that come due while the component is frozen run when it goes on.
  Instant now() const override { return loop_.now(); }
  WallTime wall() const override { return loop_.wall() + skew_; }
  TimerId arm(Instant at, Task task) override;
  bool disarm(TimerId id) override { return loop_.disarm(id); }

  void freeze() { is_frozen_ = true; }
  void thaw();
  bool is_frozen() const { return is_frozen_; }
  // The component's wall clock is that much ahead; negative: behind.
  void set_skew(Duration skew) { skew_ = skew; }
  // Called before each turn of its coroutines.
  void on_turn(std::function<void()> listener) { on_turn_ = std::move(listener); }

 private:
  void turn() {
    if (on_turn_) on_turn_();
  }

  SimLoop& loop_;
  bool is_frozen_ = false;
  Duration skew_{};
  std::function<void()> on_turn_;
  std::deque<Task> held_;
};

}  // namespace kubeloop::simulator
