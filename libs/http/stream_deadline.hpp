// Closes a stream when something takes too long on it. The timer is set ahead lazily: moving the deadline costs
// nothing, because the timer that is armed already looks, when it runs, whether it is time yet. Owned beside its
// stream; must be destroyed before it.
#pragma once
#include "libs/base/clock.hpp"
#include "libs/http/byte_stream.hpp"

namespace kubeloop::http {

class StreamDeadline {
 public:
  StreamDeadline(Clock& clock, ByteStream& stream) : clock_(clock), stream_(stream) {}
  ~StreamDeadline();
  StreamDeadline(const StreamDeadline&) = delete;

  // The stream is closed when `limit` passes before the next set() or clear().
  void set(Duration limit);
  void clear() { is_set_ = false; }
  // True when the stream was closed by a deadline.
  bool is_expired() const { return is_expired_; }

 private:
  // A timer never lies farther ahead than this, so that a shorter deadline set later seldom needs another one.
  static constexpr Duration kLongestNap = 30s;

  void arm();
  void check();

  Clock& clock_;
  ByteStream& stream_;
  Instant deadline_{};
  Instant armed_at_{};
  TimerId timer_ = 0;
  bool is_set_ = false;
  bool is_expired_ = false;
};

}  // namespace kubeloop::http
