#include "controller-manager/controllers/node-lifecycle/zone_queue.hpp"

#include <algorithm>

namespace kubeloop::controller_manager {
namespace {

// A hair less than one: ten times a tenth is not quite one in binary.
constexpr double kOneToken = 1 - 1e-9;

}  // namespace

void ZoneQueue::add(const std::string& node) {
  if (std::ranges::find(waiting_, node) == waiting_.end()) waiting_.push_back(node);
}

void ZoneQueue::remove(const std::string& node) {
  std::erase(waiting_, node);
}

std::optional<std::string> ZoneQueue::take(Instant now) {
  refill(now);
  if (waiting_.empty() || rate_ <= 0 || tokens_ < kOneToken) return std::nullopt;
  tokens_ = std::max(0.0, tokens_ - 1);
  std::string node = std::move(waiting_.front());
  waiting_.pop_front();
  return node;
}

void ZoneQueue::set_rate(double rate, Instant now) {
  if (rate == rate_) return;
  refill(now);
  tokens_ = rate_ > 0 && tokens_ >= kOneToken ? 1 : 0;
  rate_ = rate;
}

void ZoneQueue::refill(Instant now) {
  double seconds = std::chrono::duration<double>(now - refilled_).count();
  tokens_ = std::min(1.0, tokens_ + seconds * rate_);
  refilled_ = now;
}

}  // namespace kubeloop::controller_manager
