// Runs one coroutine of a command in real time, on an event loop made for it. Ctrl-C and SIGTERM cancel it and let it
// clean up.
#pragma once
#include <boost/asio/io_context.hpp>

#include <functional>

#include "libs/base/env.hpp"

namespace kubeloop::cli {

// Returns what `task` returns; 1 when it failed with an exception, 130 when it was interrupted.
int run_real(const std::function<awaitable<int>(const Env&, boost::asio::io_context&)>& task);

}  // namespace kubeloop::cli
