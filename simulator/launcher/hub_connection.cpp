#include "simulator/launcher/hub_connection.hpp"

#include "libs/client/hub_connection.hpp"
#include "libs/client/kubeconfig.hpp"

namespace kubeloop::simulator {

Result<std::unique_ptr<http::Transport>> connect_to_hub(const Env& env, boost::asio::io_context& context,
                                                        const std::string& kubeconfig_path) {
  auto config = client::load_kubeconfig(kubeconfig_path);
  if (!config) return std::unexpected(config.error());
  return client::connect_hub(context, env.child("transport"), *config);
}

Result<std::unique_ptr<http::Transport>> connect_to_daemon(const Env& env, boost::asio::io_context& context, int port) {
  client::KubeConfig config;
  config.server = "http://127.0.0.1:" + std::to_string(port);
  return client::connect_hub(context, env.child("transport"), config);
}

}  // namespace kubeloop::simulator
