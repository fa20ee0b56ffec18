#include "simulator/launcher/hub_connection.hpp"

#include "libs/client/hub_connection.hpp"
#include "libs/client/kubeconfig.hpp"
#include "simulator/launcher/cluster_directory.hpp"

namespace kubeloop::simulator {

Result<std::unique_ptr<http::Transport>> connect_to_hub(const Env& env, boost::asio::io_context& context,
                                                        const std::string& kubeconfig_path) {
  auto config = client::load_kubeconfig(kubeconfig_path);
  if (!config) return std::unexpected(config.error());
  return client::connect_hub(context, env.child("transport"), *config);
}

Result<std::unique_ptr<http::Transport>> connect_to_cluster(const Env& env, boost::asio::io_context& context,
                                                            const std::string& name) {
  auto directory = ClusterDirectory::of(name);
  if (!directory) return std::unexpected(directory.error());
  auto record = directory->read();
  if (!record) return std::unexpected(record.error());
  return connect_to_hub(env, context, directory->file("credentials/admin.conf"));
}

Result<std::unique_ptr<http::Transport>> connect_to_daemon(const Env& env, boost::asio::io_context& context, int port) {
  client::KubeConfig config;
  config.server = "http://127.0.0.1:" + std::to_string(port);
  return client::connect_hub(context, env.child("transport"), config);
}

}  // namespace kubeloop::simulator
