// The client's side of one HTTP/1.1 connection: one request and its response at a time. Owned by the client's pool
// while idle, by the call that uses it, or by the stream that it carries.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "libs/http/byte_stream.hpp"
#include "libs/http/response_decoder.hpp"
#include "libs/http/stream_deadline.hpp"

namespace kubeloop::http {

class ClientConnection {
 public:
  ClientConnection(Clock& clock, std::unique_ptr<ByteStream> stream);

  // Connects. The failure's text, or nothing when the connection stands.
  awaitable<std::optional<std::string>> open(Duration limit);

  // How far a request came.
  enum class Progress { kNotSent, kSent, kAnswering };

  // Sends the request and reads the response's header, within `limit` each without progress (zero: for ever). The
  // failure's text, or nothing. `head` and `body` must outlive the call.
  awaitable<std::optional<std::string>> exchange(std::string_view head, std::string_view body, bool is_head,
                                                 std::size_t body_limit, Duration limit);
  Progress progress() const { return progress_; }
  bool is_chunked() const { return decoder_->is_chunked(); }
  Response take_head() { return decoder_->take_head(); }

  // The whole body; `limit` is between two pieces of it.
  awaitable<Result<std::string>> read_body(Duration limit);
  // The next piece of a streamed body, as it comes; empty at the end.
  awaitable<Result<std::string>> read_piece();

  // After a whole response: may another request go over it?
  bool is_reusable() const;
  bool is_quiet() { return input_.empty() && stream_->is_quiet(); }

  Instant idle_since{};

 private:
  awaitable<std::optional<std::string>> write_request(std::string_view head, std::string_view body, Duration limit);
  awaitable<bool> read_more();
  std::string describe_failure() const;
  void set_deadline(Duration limit);

  static constexpr std::size_t kFirstRead = 4 * 1024;
  static constexpr std::size_t kLargestRead = 64 * 1024;

  std::unique_ptr<ByteStream> stream_;
  StreamDeadline deadline_;
  std::optional<ResponseDecoder> decoder_;
  std::string input_;
  std::size_t read_size_ = kFirstRead;
  boost::system::error_code error_;
  Progress progress_ = Progress::kNotSent;
};

}  // namespace kubeloop::http
