// A Transport over the network: keep-alive connections to one host and port, plain or with TLS. Owned by the program;
// runs on its io_context.
#pragma once
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "libs/http/http_client.hpp"
#include "libs/http/tls.hpp"

namespace kubeloop::http {

struct HttpTransportOptions {
  std::string host = "127.0.0.1";  // an IP address, or a name that is looked up once, when the transport is made
  std::uint16_t port = 0;
  std::optional<ClientTls> tls;
  ClientOptions client;  // `host` there is filled in
};

class HttpTransport final : public Transport {
 public:
  // A Status when the host has no address or the TLS material cannot be used. Connects when the first request is sent.
  // `env` runs on `context`.
  static Result<std::unique_ptr<HttpTransport>> make(boost::asio::io_context& context, Env env,
                                                     HttpTransportOptions options);

  awaitable<Result<Response>> send(Request request) override;
  std::uint64_t connections_opened() const { return client_.connections_opened(); }
  std::size_t idle_connections() const { return client_.idle_connections(); }

 private:
  HttpTransport(Env env, StreamSource source, ClientOptions options)
      : client_(std::move(env), std::move(source), std::move(options)) {}
  HttpClient client_;
};

}  // namespace kubeloop::http
