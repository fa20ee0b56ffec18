// An HTTP/1.1 server on 127.0.0.1, plain or with TLS, on an io_context of the caller's and its one thread. Serves from
// the moment it is made; stop() closes every connection and waits for all of it. Owned by the program.
#pragma once
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "libs/base/result.hpp"
#include "libs/http/session.hpp"
#include "libs/http/tls.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: a free one
  std::optional<ServerTls> tls;
  SessionLimits limits;
  std::size_t max_connections = 4096;  // further ones are closed as soon as they are accepted
};

class HttpServer {
 public:
  // Begins to listen. A Status: reason AddressInUse when the port is taken (the message names the address), BadRequest
  // for TLS material or an address that cannot be used. `env` runs on `context`.
  static Result<std::unique_ptr<HttpServer>> listen(boost::asio::io_context& context, Env env, Handler handler,
                                                    ServerOptions options);
  ~HttpServer();  // as stop(), without waiting

  std::uint16_t port() const;
  std::size_t connections() const;
  const SessionCounters& counters() const;
  awaitable<void> stop();

 private:
  struct State;
  explicit HttpServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::http
