// Sends requests over HTTP/1.1 connections that it makes, keeps and reuses. Knows nothing of sockets: where a stream
// comes from is given. At most N connections carry plain requests (the others wait their turn, in order); every stream
// has a connection of its own.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "libs/http/byte_stream.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::http {

struct ClientOptions {
  std::string host = "localhost";                       // the Host field, and the name in messages
  std::size_t max_connections = 16;                     // for plain requests
  std::size_t max_waiting = 65536;                      // for one of those; one more is answered 503 at once
  Duration connect_timeout = std::chrono::seconds(10);  // TLS handshake included
  // without progress, until the answer is there; zero: wait for ever
  Duration response_timeout = std::chrono::seconds(60);
  Duration idle = std::chrono::seconds(90);    // shorter than a server's, so that it seldom closes first
  std::size_t body_bytes = 512 * 1024 * 1024;  // of a plain answer
};

// A stream that is not open yet; nothing when the other side cannot be reached at all.
using StreamSource = std::function<std::unique_ptr<ByteStream>()>;

class HttpClient final : public Transport {
 public:
  HttpClient(Env env, StreamSource source, ClientOptions options);
  ~HttpClient() override;  // idle connections are closed; calls in progress end by themselves

  // 503 (ServiceUnavailable) when max_waiting requests wait already.
  // A target with `watch=` or `follow=` whose answer is chunked gives a BodyReader, as soon as the header is there. A
  // request whose reused connection turns out to be closed is sent once more on a new one, unless the server may have
  // acted on it.
  awaitable<Result<Response>> send(Request request) override;

  std::uint64_t connections_opened() const;
  std::size_t idle_connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::http
