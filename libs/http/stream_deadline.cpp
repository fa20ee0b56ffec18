#include "libs/http/stream_deadline.hpp"

#include <algorithm>

namespace kubeloop::http {

StreamDeadline::~StreamDeadline() {
  if (timer_ != 0) clock_.disarm(timer_);
}

void StreamDeadline::set(Duration limit) {
  deadline_ = clock_.now() + limit;
  is_set_ = true;
  if (timer_ != 0) {
    if (armed_at_ <= deadline_) return;
    clock_.disarm(timer_);
  }
  arm();
}

void StreamDeadline::arm() {
  armed_at_ = std::min(deadline_, clock_.now() + kLongestNap);
  timer_ = clock_.arm(armed_at_, [this] { check(); });
}

void StreamDeadline::check() {
  timer_ = 0;
  if (!is_set_ || is_expired_) return;
  if (clock_.now() < deadline_) {
    arm();
    return;
  }
  is_expired_ = true;
  stream_.close();
}

}  // namespace kubeloop::http
