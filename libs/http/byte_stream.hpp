// Bytes both ways over one connection: a TCP socket, TLS over one, or a pipe in memory. What HTTP sessions and clients
// are written against, so that they know neither sockets nor TLS. One read and one write may be in progress at a time;
// the stream must outlive both. Owned by its session or client connection.
#pragma once
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <string_view>

#include "libs/base/env.hpp"
#include "libs/http/message.hpp"

namespace kubeloop::http {

struct IoResult {
  boost::system::error_code error;
  std::size_t size;

  IoResult() : size(0) {}
  IoResult(boost::system::error_code e, std::size_t n) : error(e), size(n) {}
};

// An operation that is cancelled ends with operation_aborted, returned or thrown; one whose stream is closed meanwhile
// returns an error.
class ByteStream {
 public:
  virtual ~ByteStream() = default;  // closes

  // What has to pass before the first byte: connecting, the TLS handshake. Called once, first.
  virtual awaitable<boost::system::error_code> open() = 0;
  // Reads at least one byte, at most `size`. The end of what the other side sends is the error asio::error::eof.
  virtual awaitable<IoResult> read_some(char* data, std::size_t size) = 0;
  // Writes all of `first`, then all of `second`. Both must stay alive until it is done.
  virtual awaitable<boost::system::error_code> write(std::string_view first, std::string_view second) = 0;
  // The other side reads the end from now on; reading goes on.
  virtual void end_writing() = 0;
  // Ends everything, what is in progress too. May be called again.
  virtual void close() = 0;
  // True when the other side has neither sent anything that is unread nor closed: the connection may be used for
  // another request.
  virtual bool is_quiet() = 0;
  // Who is at the other end; known after open().
  virtual const Peer& peer() const = 0;
};

}  // namespace kubeloop::http
