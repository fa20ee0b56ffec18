// Virtual time: our own Asio execution context, a ready queue and timers keyed by (instant, sequence number). When
// nothing is ready the clock jumps to the next timer. The same seed gives the same history; a shuffle seed explores
// other interleavings of what is ready, replayably. One thread; nothing here may start another (no Asio timer, TLS or
// Beast WebSocket stream on this context).
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/rng.hpp"

namespace kubeloop::simulator {

class SimLoop final : public boost::asio::execution_context, public Clock {
 public:
  // `shuffle_seed`: when set, which of the ready tasks runs next is drawn from it; otherwise first in, first out.
  explicit SimLoop(std::optional<std::uint64_t> shuffle_seed = std::nullopt);
  ~SimLoop() override;

  struct Executor {
    SimLoop* loop;
    template <class F>
    void execute(F f) const {
      loop->post([f = std::move(f)]() mutable { f(); });
    }
    SimLoop& query(boost::asio::execution::context_t) const noexcept { return *loop; }
    static constexpr boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) noexcept {
      return boost::asio::execution::blocking.never;
    }
    Executor require(boost::asio::execution::blocking_t::never_t) const noexcept { return *this; }
    bool operator==(const Executor&) const noexcept = default;
  };
  boost::asio::any_io_executor executor() { return Executor{this}; }

  // For who only looks on: runs before everything else, in its own order, so that looking changes nothing of what is
  // looked at, also under a shuffle.
  struct AsideExecutor {
    SimLoop* loop;
    template <class F>
    void execute(F f) const {
      loop->aside_.push_back([f = std::move(f)]() mutable { f(); });
    }
    SimLoop& query(boost::asio::execution::context_t) const noexcept { return *loop; }
    static constexpr boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) noexcept {
      return boost::asio::execution::blocking.never;
    }
    AsideExecutor require(boost::asio::execution::blocking_t::never_t) const noexcept { return *this; }
    bool operator==(const AsideExecutor&) const noexcept = default;
  };
  boost::asio::any_io_executor aside_executor() { return AsideExecutor{this}; }

  void post(Task task);

  // Clock. Wall time starts at 2026-01-01T00:00:00Z.
  Instant now() const override { return now_; }
  WallTime wall() const override;
  TimerId arm(Instant at, Task task) override;
  bool disarm(TimerId id) override;

  // Told before the clock moves, by how much: whoever watches a run may want to wait in between.
  void on_jump(std::function<void(Duration)> listener) { on_jump_ = std::move(listener); }

  // Runs until nothing is ready and no timer is due by `horizon`; the clock then stands at `horizon`.
  void run_until(Instant horizon);
  // Runs until `done()` is true or nothing is left by `horizon`. True when done; the clock then stands where it became
  // so.
  bool run_until(Instant horizon, const std::function<bool()>& done);
  // Runs what is ready, without letting time pass.
  void run_ready() { run_until(now_); }

  std::uint64_t steps() const { return steps_; }

 private:
  // A timer's place: its task, and where it stands in the heap. The low bits of a TimerId name the place, the others
  // number the armings, so that an old id never finds a newer timer.
  struct Place {
    Task task;
    TimerId id = 0;  // 0: free
    std::uint32_t position = 0;
  };
  struct Due {
    Instant at;
    TimerId id;
    bool operator<(const Due& other) const { return at != other.at ? at < other.at : id < other.id; }
  };
  static constexpr int kPlaceBits = 24;

  bool step(Instant horizon);  // one task or one timer; false when there is none by the horizon
  Task take_timer(std::uint32_t position);
  void set_due(std::uint32_t position, Due due);
  void move_up(std::uint32_t position, Due due);
  void move_down(std::uint32_t position, Due due);

  std::optional<Rng> shuffle_;
  std::function<void(Duration)> on_jump_;
  std::deque<Task> aside_;
  Instant now_{};
  std::uint64_t armed_ = 0;  // so far
  std::uint64_t steps_ = 0;
  std::deque<Task> ready_;
  std::vector<Due> heap_;  // four children each; ids grow, so timers of one instant run in the order they were armed
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_places_;
};

}  // namespace kubeloop::simulator
