// The nodes of one zone that wait for their NoExecute taint, and the token bucket (burst 1) that lets them through. Pure: time comes in.
// Source: RateLimitedTimedQueue of Kubernetes' node lifecycle controller.
#pragma once
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

class ZoneQueue {
 public:
  explicit ZoneQueue(double rate) : rate_(rate) {}

  // Queues the node unless it is queued or was let through since it was last forgotten.
  void add(const std::string& node);
  void forget(const std::string& node);
  // The next node whose turn it is; it counts as let through. Nothing when none waits or the rate does not allow it.
  std::optional<std::string> take(Instant now);
  // A taken node that could not be tainted goes back to the end.
  void put_back(const std::string& node);
  // A rate of 0 stops the queue. A bucket that was empty stays so.
  void set_rate(double rate, Instant now);
  bool is_waiting() const { return rate_ > 0 && !waiting_.empty(); }

 private:
  void refill(Instant now);

  double rate_;         // nodes a second
  double tokens_ = 1;
  Instant refilled_{};
  std::deque<std::string> waiting_;
  std::set<std::string> known_;
};

}  // namespace kubeloop::controller_manager
