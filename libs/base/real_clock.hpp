// The real clock: monotonic time since it was made, the system's wall time, and timers on an io_context. The only file
// of the project that may name a real clock.
#pragma once
#include <boost/asio/io_context.hpp>

#include <memory>

#include "libs/base/clock.hpp"

namespace kubeloop {

class RealClock final : public Clock {
 public:
  explicit RealClock(boost::asio::io_context& context);
  ~RealClock() override;

  Instant now() const override;
  WallTime wall() const override;
  TimerId arm(Instant at, Task task) override;
  bool disarm(TimerId id) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop
