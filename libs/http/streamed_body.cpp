#include "libs/http/streamed_body.hpp"

#include <boost/asio/this_coro.hpp>

#include <charconv>

namespace kubeloop::http {

StreamedBody::StreamedBody(SessionHost& host, ByteStream& stream, StreamDeadline& deadline, ConnectionInput& input,
                           Signal& changed, bool is_chunked)
    : host_(host), stream_(stream), deadline_(deadline), input_(input), changed_(changed), is_chunked_(is_chunked) {}

awaitable<bool> StreamedBody::run(std::string head, std::unique_ptr<BodyReader> reader) {
  TaskGroup producing(host_.env);
  producing.spawn("streamed body", produce(std::move(reader)));
  bool is_complete = false;
  std::exception_ptr error;
  try {
    is_complete = co_await write_all(std::move(head));
  } catch (...) {
    error = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await producing.stop_and_join();
  co_await asio::this_coro::throw_if_cancelled(true);
  if (error) std::rethrow_exception(error);
  co_return is_complete;
}

awaitable<void> StreamedBody::produce(std::unique_ptr<BodyReader> reader) {
  try {
    while (!is_broken_) {
      while (pending_.size() >= host_.limits.stream_queue_bytes) co_await room_.wait();
      auto chunk = co_await reader->next();
      if (!chunk) {
        host_.env.log.debug("a streamed body ended with an error: {}", chunk.error().message);
        is_broken_ = true;
      } else if (chunk->empty()) {
        break;
      } else {
        append(*chunk);
        changed_.notify();
      }
    }
  } catch (const boost::system::system_error& e) {
    is_broken_ = true;  // cancelled, most often: the client has gone
    if (e.code() != asio::error::operation_aborted) host_.env.log.error("a streamed body failed: {}", e.what());
  } catch (const std::exception& e) {
    is_broken_ = true;
    ++host_.counters.handler_exceptions;
    host_.env.log.error("a streamed body failed: {}", e.what());
  }
  reader.reset();
  is_ended_ = true;
  changed_.notify();
}

void StreamedBody::append(const std::string& chunk) {
  if (!is_chunked_) {
    pending_ += chunk;
    return;
  }
  char size[20];
  auto end = std::to_chars(size, size + sizeof size, chunk.size(), 16).ptr;
  pending_.append(size, end);
  pending_ += "\r\n";
  pending_ += chunk;
  pending_ += "\r\n";
}

awaitable<bool> StreamedBody::write_all(std::string head) {
  std::string writing = std::move(head);
  bool is_written = co_await write(writing);
  while (is_written && !input_.is_at_end()) {
    bool is_last = is_ended_;
    writing.clear();
    std::swap(writing, pending_);
    room_.notify();
    if (is_last && is_chunked_ && !is_broken_) writing += "0\r\n\r\n";
    if (!writing.empty()) {
      is_written = co_await write(writing);
    } else if (!is_last) {
      co_await changed_.wait();
    }
    if (is_last) co_return is_written && !is_broken_;
  }
  co_return false;
}

awaitable<bool> StreamedBody::write(const std::string& bytes) {
  constexpr std::size_t kSlice = 256 * 1024;
  std::string_view rest = bytes;
  boost::system::error_code error;
  while (!error && !rest.empty()) {
    std::string_view slice = rest.substr(0, kSlice);
    rest.remove_prefix(slice.size());
    deadline_.set(host_.limits.write_stall);
    error = co_await stream_.write(slice, std::string_view());
  }
  deadline_.clear();
  co_return !error;
}

}  // namespace kubeloop::http
