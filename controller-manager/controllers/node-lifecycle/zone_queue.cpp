#include "controller-manager/controllers/node-lifecycle/zone_queue.hpp"

#include <algorithm>

namespace kubeloop::controller_manager {

void ZoneQueue::add(const std::string& node) {
  if (known_.insert(node).second) waiting_.push_back(node);
}

void ZoneQueue::forget(const std::string& node) {
  if (known_.erase(node) > 0) std::erase(waiting_, node);
}

std::optional<std::string> ZoneQueue::take(Instant now) {
  refill(now);
  // A hair less than one: 0.1 a second for ten seconds is not quite one in binary.
  if (waiting_.empty() || rate_ <= 0 || tokens_ < 1 - 1e-9) return std::nullopt;
  tokens_ = std::max(0.0, tokens_ - 1);
  std::string node = std::move(waiting_.front());
  waiting_.pop_front();
  return node;
}

void ZoneQueue::put_back(const std::string& node) {
  if (known_.contains(node)) waiting_.push_back(node);
}

void ZoneQueue::set_rate(double rate, Instant now) {
  if (rate == rate_) return;
  refill(now);
  bool was_open = rate_ > 0 && tokens_ >= 1 - 1e-9;
  tokens_ = was_open ? 1 : 0;
  rate_ = rate;
}

void ZoneQueue::refill(Instant now) {
  double seconds = std::chrono::duration<double>(now - refilled_).count();
  tokens_ = std::min(1.0, tokens_ + seconds * rate_);
  refilled_ = now;
}

}  // namespace kubeloop::controller_manager
