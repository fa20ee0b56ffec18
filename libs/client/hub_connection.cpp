#include "libs/client/hub_connection.hpp"

#include <fmt/core.h>

#include <charconv>

#include "libs/http/http_transport.hpp"

namespace kubeloop::client {

Result<std::unique_ptr<http::Transport>> connect_hub(boost::asio::io_context& context, Env env,
                                                     const KubeConfig& config) {
  std::string_view rest = config.server;
  bool is_tls = rest.starts_with("https://");
  if (!is_tls && !rest.starts_with("http://")) {
    return failure(400, "BadRequest", fmt::format("server {} is no http or https address", config.server));
  }
  rest.remove_prefix(rest.find("//") + 2);
  rest = rest.substr(0, rest.find('/'));
  int port = is_tls ? 443 : 80;
  auto colon = rest.rfind(':');
  if (colon != std::string_view::npos && rest.back() != ']') {
    auto text = rest.substr(colon + 1);
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port <= 0 || port > 65535) {
      return failure(400, "BadRequest", fmt::format("server {} has a bad port", config.server));
    }
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  http::HttpTransportOptions options;
  options.host = rest;
  options.port = static_cast<std::uint16_t>(port);
  if (is_tls) {
    http::ClientTls tls;
    tls.ca_pem = config.ca_pem;
    tls.certificate_pem = config.client_certificate_pem;
    tls.key_pem = config.client_key_pem;
    options.tls = std::move(tls);
  }
  auto transport = http::HttpTransport::make(context, std::move(env), std::move(options));
  if (!transport) return failure(std::move(transport.error()));
  return std::unique_ptr<http::Transport>(std::move(*transport));
}

}  // namespace kubeloop::client
