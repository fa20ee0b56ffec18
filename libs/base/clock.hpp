// The one seam to time: what it is now, and timers. Two implementations: RealClock (libs/base/real_clock) over an
// io_context, and the simulator's virtual clock. Single-threaded: every call and every timer runs on the component's
// executor.
#pragma once
#include <cstdint>
#include <functional>

#include "libs/base/time.hpp"

namespace kubeloop {

using Task = std::move_only_function<void()>;
using TimerId = std::uint64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall() const = 0;
  // Runs `task` on the executor at `at` (at once when that has passed). Timers of one instant run in the order they
  // were armed.
  virtual TimerId arm(Instant at, Task task) = 0;
  // False when the timer has run already.
  virtual bool disarm(TimerId id) = 0;
};

}  // namespace kubeloop
