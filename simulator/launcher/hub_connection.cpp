#include "simulator/launcher/hub_connection.hpp"

#include <charconv>

#include "libs/client/kubeconfig.hpp"
#include "libs/http/http_transport.hpp"

namespace kubeloop::simulator {
namespace {

Result<http::HttpTransportOptions> options_for(const client::KubeConfig& config) {
  std::string_view rest = config.server;
  bool is_tls = rest.starts_with("https://");
  auto colon = rest.rfind(':');
  auto slashes = rest.find("://");
  if (slashes == std::string_view::npos || colon <= slashes) {
    return failure(400, "BadRequest", "\"" + config.server + "\" is no URL with a port");
  }
  http::HttpTransportOptions options;
  options.host = std::string(rest.substr(slashes + 3, colon - slashes - 3));
  std::from_chars(rest.data() + colon + 1, rest.data() + rest.size(), options.port);
  if (is_tls) {
    http::ClientTls tls;
    tls.ca_pem = config.ca_pem;
    tls.certificate_pem = config.client_certificate_pem;
    tls.key_pem = config.client_key_pem;
    options.tls = std::move(tls);
  }
  return options;
}

Result<std::unique_ptr<http::Transport>> connect(const Env& env, boost::asio::io_context& context,
                                                 http::HttpTransportOptions options) {
  auto transport = http::HttpTransport::make(context, env.child("transport"), std::move(options));
  if (!transport) return std::unexpected(transport.error());
  return std::unique_ptr<http::Transport>(std::move(*transport));
}

}  // namespace

Result<std::unique_ptr<http::Transport>> connect_to_hub(const Env& env, boost::asio::io_context& context,
                                                        const std::string& kubeconfig_path) {
  auto config = client::load_kubeconfig(kubeconfig_path);
  if (!config) return std::unexpected(config.error());
  auto options = options_for(*config);
  if (!options) return std::unexpected(options.error());
  return connect(env, context, std::move(*options));
}

Result<std::unique_ptr<http::Transport>> connect_to_daemon(const Env& env, boost::asio::io_context& context, int port) {
  http::HttpTransportOptions options;
  options.port = static_cast<std::uint16_t>(port);
  return connect(env, context, std::move(options));
}

}  // namespace kubeloop::simulator
