// The nodes of one zone that wait for their NoExecute taint, and the token bucket (burst 1) that lets them through.
// Pure: time comes in. Source: RateLimitedTimedQueue of Kubernetes' node lifecycle controller.
#pragma once
#include <deque>
#include <optional>
#include <string>

#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

class ZoneQueue {
 public:
  explicit ZoneQueue(double rate) : rate_(rate) {}

  // At the end, unless it waits already.
  void add(const std::string& node);
  void remove(const std::string& node);
  // The next node whose turn it is. Nothing when none waits or the rate does not allow it yet.
  std::optional<std::string> take(Instant now);
  // A rate of 0 stops the queue. A bucket that was empty, or stopped, begins empty.
  void set_rate(double rate, Instant now);
  bool is_open() const { return rate_ > 0 && !waiting_.empty(); }
  bool is_empty() const { return waiting_.empty(); }
  double rate() const { return rate_; }

 private:
  void refill(Instant now);

  double rate_;  // nodes a second
  double tokens_ = 1;
  Instant refilled_{};
  std::deque<std::string> waiting_;
};

}  // namespace kubeloop::controller_manager
