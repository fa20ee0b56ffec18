// The way from a credential file to a Transport over the network. For programs; in virtual time the transport is given.
#pragma once
#include <boost/asio/io_context.hpp>

#include <memory>

#include "libs/base/env.hpp"
#include "libs/base/result.hpp"
#include "libs/client/kubeconfig.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::client {

// A Status (400) when the server's address or the certificates cannot be used. Connects with the first request. `env`
// runs on `context`.
Result<std::unique_ptr<http::Transport>> connect_hub(boost::asio::io_context& context, Env env,
                                                     const KubeConfig& config);

}  // namespace kubeloop::client
