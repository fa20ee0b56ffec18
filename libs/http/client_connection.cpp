#include "libs/http/client_connection.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace kubeloop::http {

ClientConnection::ClientConnection(Clock& clock, std::unique_ptr<ByteStream> stream)
    : stream_(std::move(stream)), deadline_(clock, *stream_) {}

void ClientConnection::set_deadline(Duration limit) {
  if (limit > Duration::zero()) deadline_.set(limit);
}

awaitable<std::optional<std::string>> ClientConnection::open(Duration limit) {
  set_deadline(limit);
  error_ = co_await stream_->open();
  deadline_.clear();
  if (error_) co_return describe_failure();
  co_return std::nullopt;
}

awaitable<std::optional<std::string>> ClientConnection::exchange(std::string_view head, std::string_view body,
                                                                 bool is_head, std::size_t body_limit, Duration limit) {
  progress_ = Progress::kNotSent;
  error_ = {};
  decoder_.emplace(is_head, body_limit);
  auto write_failure = co_await write_request(head, body, limit);
  if (!write_failure) progress_ = Progress::kSent;
  // A server that refuses a body answers before it has read all of it, so the answer is looked for even when writing
  // failed.
  set_deadline(limit);
  while (!decoder_->is_header_done() || decoder_->code() / 100 == 1) {
    bool has_interim = decoder_->is_header_done();
    if (has_interim) decoder_.emplace(is_head, body_limit);
    bool has_more = has_interim && !input_.empty();
    if (!has_more) has_more = co_await read_more();
    input_.erase(0, decoder_->feed(input_));
    if (decoder_->is_failed()) co_return "malformed response: " + std::string(decoder_->failure());
    if (!has_more) co_return write_failure ? *write_failure : describe_failure();
    progress_ = Progress::kAnswering;
  }
  deadline_.clear();
  co_return std::nullopt;
}

awaitable<std::optional<std::string>> ClientConnection::write_request(std::string_view head, std::string_view body,
                                                                      Duration limit) {
  constexpr std::size_t kSlice = 256 * 1024;
  bool is_first = true;
  while (is_first || !body.empty()) {
    set_deadline(limit);
    std::string_view slice = body.substr(0, kSlice);
    body.remove_prefix(slice.size());
    if (is_first) {
      error_ = co_await stream_->write(head, slice);
    } else {
      error_ = co_await stream_->write(slice, std::string_view());
    }
    if (error_) co_return describe_failure();
    is_first = false;
  }
  co_return std::nullopt;
}

awaitable<Result<std::string>> ClientConnection::read_body(Duration limit) {
  for (;;) {
    input_.erase(0, decoder_->feed(input_));
    if (decoder_->is_done()) break;
    if (decoder_->is_failed()) co_return failure(502, "", std::string(decoder_->failure()));
    set_deadline(limit);
    bool has_more = co_await read_more();
    if (has_more) continue;
    if (error_ == asio::error::eof) decoder_->feed_end();
    if (decoder_->is_done()) break;
    co_return failure(503, "ServiceUnavailable", describe_failure());
  }
  deadline_.clear();
  co_return decoder_->take_body();
}

awaitable<Result<std::string>> ClientConnection::read_piece() {
  for (;;) {
    input_.erase(0, decoder_->feed(input_));
    std::string piece = decoder_->take_body();
    if (!piece.empty() || decoder_->is_done()) co_return piece;
    if (decoder_->is_failed()) co_return failure(502, "", std::string(decoder_->failure()));
    bool has_more = co_await read_more();
    if (has_more) continue;
    co_return failure(503, "ServiceUnavailable", describe_failure());
  }
}

// False at the end or on an error, which is then in error_. Throws when cancelled.
awaitable<bool> ClientConnection::read_more() {
  std::size_t used = input_.size();
  std::size_t size = read_size_;
  input_.resize(used + size);
  IoResult result;
  try {
    result = co_await stream_->read_some(input_.data() + used, size);
  } catch (...) {
    input_.resize(used);
    throw;
  }
  input_.resize(used + result.size);
  if (result.size == size) read_size_ = std::min(size * 4, kLargestRead);
  error_ = result.error;
  if (error_ == asio::error::operation_aborted) {
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) throw boost::system::system_error(error_);
  }
  co_return result.size > 0;
}

bool ClientConnection::is_reusable() const {
  return decoder_ && decoder_->is_done() && decoder_->keeps_alive() && input_.empty() && !error_;
}

std::string ClientConnection::describe_failure() const {
  if (deadline_.is_expired()) return "timed out";
  if (error_ == asio::error::eof) return "the connection was closed";
  return error_.message();
}

}  // namespace kubeloop::http
