#include "libs/http/http_transport.hpp"

#include "libs/http/socket_stream.hpp"

namespace kubeloop::http {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

// Asio looks names up on a hidden thread when asked to wait; this is asked once, at the start.
Result<tcp::endpoint> find_address(asio::io_context& context, const std::string& host, std::uint16_t port) {
  error_code error;
  auto address = asio::ip::make_address(host, error);
  if (!error) return tcp::endpoint(address, port);
  tcp::resolver resolver(context);
  auto found = resolver.resolve(tcp::v4(), host, std::to_string(port), error);
  if (error || found.empty()) return failure(503, "ServiceUnavailable", "look up " + host + ": " + error.message());
  return found.begin()->endpoint();
}

}  // namespace

Result<std::unique_ptr<HttpTransport>> HttpTransport::make(asio::io_context& context, Env env,
                                                           HttpTransportOptions options) {
  auto endpoint = find_address(context, options.host, options.port);
  if (!endpoint) return failure(endpoint.error());
  TlsContext tls;
  std::string server_name = options.host;
  if (options.tls) {
    auto made = make_client_context(*options.tls);
    if (!made) return failure(made.error());
    tls = std::move(*made);
    if (!options.tls->server_name.empty()) server_name = options.tls->server_name;
  }
  options.client.host = options.host + ":" + std::to_string(options.port);
  auto executor = env.executor;
  StreamSource source = [executor, endpoint = *endpoint, tls, server_name] {
    return make_client_stream(executor, endpoint, tls, server_name);
  };
  return std::unique_ptr<HttpTransport>(
      new HttpTransport(std::move(env), std::move(source), std::move(options.client)));
}

awaitable<Result<Response>> HttpTransport::send(Request request) {
  auto response = co_await client_.send(std::move(request));
  co_return response;
}

}  // namespace kubeloop::http
