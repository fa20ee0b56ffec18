// The server's side of one HTTP/1.1 connection: reads requests within limits, calls the handler, writes what it gives.
// Runs on any ByteStream and any executor; its deadlines come from Env, so it runs in virtual time. One coroutine per
// connection, owned by the server's TaskGroup; when it returns, everything that it started has ended.
#pragma once
#include <cstdint>
#include <memory>

#include "libs/base/env.hpp"
#include "libs/http/byte_stream.hpp"
#include "libs/http/request_decoder.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::http {

struct SessionLimits {
  std::size_t header_bytes = 64 * 1024;  // beyond: 431
  // Beyond: 413. The Kubernetes API server's own limit on the body of a resource request.
  std::size_t body_bytes = 3 * 1024 * 1024;
  Duration idle = std::chrono::minutes(5);  // between two requests
  // From the first byte of a request (or the connection's start) to the header's end.
  Duration header_read = std::chrono::seconds(30);
  Duration body_read = std::chrono::seconds(60);    // for the whole body
  Duration write_stall = std::chrono::seconds(60);  // without progress while an answer is written
  // Bodies larger than this are compressed when the client accepts it.
  std::size_t gzip_from_bytes = 128 * 1024;
  // Of a streamed body, waiting for a slow client, before its reader is asked for more.
  std::size_t stream_queue_bytes = 256 * 1024;
  std::size_t pipelined_bytes = 64 * 1024;    // that a client may send during a stream before it is cut off
  Duration linger = std::chrono::seconds(2);  // reading on after a refusal, so that the client gets to see it
  std::size_t linger_bytes = 64 * 1024 * 1024;
};

struct SessionCounters {
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;            // handed to the handler
  std::uint64_t refused = 0;             // answered 400, 413 or 431 without the handler
  std::uint64_t handler_exceptions = 0;  // answered 500
  std::uint64_t expired = 0;             // connections closed by a deadline
  std::uint64_t streams = 0;
};

// What all sessions of one server share. Outlives them (they hold it by shared_ptr).
struct SessionHost {
  SessionHost(Env e, Handler h, SessionLimits l) : env(std::move(e)), handler(std::move(h)), limits(l) {}
  Env env;
  Handler handler;
  SessionLimits limits;
  SessionCounters counters;
};

// Serves `stream` until either side ends it. Client errors are answered or end the connection; they never throw.
awaitable<void> serve_session(std::shared_ptr<SessionHost> host, std::unique_ptr<ByteStream> stream);

}  // namespace kubeloop::http
