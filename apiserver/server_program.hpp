// The apiserver as a process: store, hub and HTTP server on one thread (the store has a second one for its file), until
// SIGTERM. Call once, from main.
#pragma once
#include "apiserver/server_options.hpp"

namespace kubeloop::apiserver {

// The exit code: 0 stopped by a signal, 1 error, 7 the address or the data directory is in use. Errors are one line on
// stderr.
int run_server(const ServerProgramOptions& options);

}  // namespace kubeloop::apiserver
