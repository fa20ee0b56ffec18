// The bytes that one connection has received and nobody has parsed yet. A read may run ahead in the background, which
// is how the end of the client is noticed during a streamed answer; a read that is still waiting when the stream is
// over serves the next request. Owned by the session.
#pragma once
#include <string>
#include <string_view>

#include "libs/base/signal.hpp"
#include "libs/http/byte_stream.hpp"

namespace kubeloop::http {

class ConnectionInput {
 public:
  explicit ConnectionInput(ByteStream& stream) : stream_(stream) {}

  std::string_view bytes() const { return std::string_view(buffer_).substr(consumed_); }
  void consume(std::size_t n);
  // Waits for more bytes. False when there will be none: the client has ended, or the stream was closed.
  awaitable<bool> fill();

  bool is_at_end() const { return is_at_end_; }
  bool is_reading_ahead() const { return is_reading_ahead_; }
  // Reads on until end_read_ahead(), the end, or more than `limit` unparsed bytes (which counts as the end). `changed`
  // is notified when the end has come. To be spawned by the owner, who must join it before this object goes.
  awaitable<void> read_ahead(std::size_t limit, Signal& changed);
  void begin_read_ahead() { is_wanted_ahead_ = is_reading_ahead_ = true; }
  void end_read_ahead() { is_wanted_ahead_ = false; }

 private:
  static constexpr std::size_t kFirstRead = 4 * 1024;
  static constexpr std::size_t kLargestRead = 64 * 1024;

  awaitable<void> read_once(std::size_t size);
  void compact();

  ByteStream& stream_;
  std::string buffer_;
  std::size_t consumed_ = 0;
  std::size_t read_size_ = kFirstRead;  // grows while big reads are filled
  bool is_at_end_ = false;
  bool is_wanted_ahead_ = false;
  bool is_reading_ahead_ = false;
  Signal ahead_;  // a background read has brought something, or ended
};

}  // namespace kubeloop::http
