#include "libs/http/connection_input.hpp"

#include <algorithm>
#include <array>

namespace kubeloop::http {

void ConnectionInput::consume(std::size_t n) {
  consumed_ += n;
  if (consumed_ < buffer_.size()) return;
  consumed_ = 0;
  buffer_.clear();
  // An idle connection should not keep the buffer of a large body.
  if (buffer_.capacity() > kLargestRead) {
    buffer_.shrink_to_fit();
    read_size_ = kFirstRead;
  }
}

void ConnectionInput::compact() {
  if (consumed_ == 0) return;
  buffer_.erase(0, consumed_);
  consumed_ = 0;
}

awaitable<void> ConnectionInput::read_once(std::size_t size) {
  compact();
  std::size_t used = buffer_.size();
  buffer_.resize(used + size);
  auto result = co_await stream_.read_some(buffer_.data() + used, size);
  buffer_.resize(used + result.size);
  if (result.error) is_at_end_ = true;
  if (result.size == size) read_size_ = std::min(size * 4, kLargestRead);
}

awaitable<bool> ConnectionInput::fill() {
  std::size_t before = bytes().size();
  while (is_reading_ahead_ && bytes().size() == before && !is_at_end_) co_await ahead_.wait();
  if (bytes().size() > before) co_return true;
  if (is_at_end_) co_return false;
  co_await read_once(read_size_);
  co_return bytes().size() > before;
}

awaitable<void> ConnectionInput::read_ahead(std::size_t limit, Signal& changed) {
  std::array<char, 1024> chunk;
  while (is_wanted_ahead_ && !is_at_end_) {
    auto result = co_await stream_.read_some(chunk.data(), chunk.size());
    buffer_.append(chunk.data(), result.size);
    if (result.error || buffer_.size() - consumed_ > limit) is_at_end_ = true;
    ahead_.notify();
  }
  is_reading_ahead_ = false;
  ahead_.notify();
  if (is_at_end_) changed.notify();
}

}  // namespace kubeloop::http
