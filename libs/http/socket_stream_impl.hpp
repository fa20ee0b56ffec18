// A ByteStream over anything that reads and writes as a Beast or Asio stream does. Included by socket_stream.cpp only:
// the templates behind it are heavy.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

#include <array>

#include "libs/http/byte_stream.hpp"

namespace kubeloop::http {

template <class Stream>
class StreamOver : public ByteStream {
 public:
  template <class... Args>
  explicit StreamOver(Args&&... args) : stream_(std::forward<Args>(args)...) {}

  awaitable<IoResult> read_some(char* data, std::size_t size) override {
    boost::system::error_code error;
    asio::mutable_buffer buffer(data, size);
    auto token = asio::redirect_error(asio::use_awaitable, error);
    std::size_t n = co_await stream_.async_read_some(buffer, token);
    if (error == asio::ssl::error::stream_truncated) error = asio::error::eof;
    co_return IoResult(error, n);
  }

  awaitable<boost::system::error_code> write(std::string_view first, std::string_view second) override {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    if (second.empty()) {
      asio::const_buffer buffer(first.data(), first.size());
      co_await asio::async_write(stream_, buffer, token);
    } else {
      std::array<asio::const_buffer, 2> buffers = {asio::const_buffer(first.data(), first.size()),
                                                   asio::const_buffer(second.data(), second.size())};
      co_await asio::async_write(stream_, buffers, token);
    }
    co_return error;
  }

  void end_writing() override {
    boost::system::error_code ignored;
    socket().shutdown(asio::socket_base::shutdown_send, ignored);
  }

  void close() override {
    boost::system::error_code ignored;
    socket().close(ignored);
  }

  bool is_quiet() override {
    if (!socket().is_open()) return false;
    char byte;
    ssize_t n = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  const Peer& peer() const override { return peer_; }

 protected:
  auto& socket() { return stream_.lowest_layer(); }

  Stream stream_;
  Peer peer_;
};

}  // namespace kubeloop::http
