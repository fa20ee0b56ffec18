// A transport to the hub of a running cluster, as the identity of a credential file.
#pragma once
#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

#include "libs/base/env.hpp"
#include "libs/base/result.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::simulator {

Result<std::unique_ptr<http::Transport>> connect_to_hub(const Env& env, boost::asio::io_context& context,
                                                        const std::string& kubeconfig_path);

// As the administrator of the cluster of that name.
Result<std::unique_ptr<http::Transport>> connect_to_cluster(const Env& env, boost::asio::io_context& context,
                                                            const std::string& name);

// Plain HTTP on 127.0.0.1:`port`: a daemon's own health and control server.
Result<std::unique_ptr<http::Transport>> connect_to_daemon(const Env& env, boost::asio::io_context& context, int port);

}  // namespace kubeloop::simulator
