// The last gate before the hub: what a component sends through it is refused while the component does not lead. It
// closes by the clock, not by a timer, so a process that was frozen past its lease sends nothing when it wakes.
// Owned by the component; the election itself goes around it.
#pragma once
#include <functional>

#include "libs/http/transport.hpp"

namespace kubeloop::client {

class LeaderFence final : public http::Transport {
 public:
  // `hub` is kept; `is_leading` is asked at every request that may change something.
  LeaderFence(http::Transport& hub, std::function<bool()> is_leading);

  // GET passes always. Anything else passes while `is_leading`; else 503 ServiceUnavailable, and nothing is sent.
  awaitable<Result<http::Response>> send(http::Request request) override;

 private:
  http::Transport& hub_;
  std::function<bool()> is_leading_;
};

}  // namespace kubeloop::client
