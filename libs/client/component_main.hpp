// The start-up that all component programs share: event loop, real clock, log, connection to the hub, health server,
// signals. A main.cpp parses its flags into ComponentOptions and calls run_component. Owns the process: call it once,
// from main.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "libs/base/env.hpp"
#include "libs/client/kubeconfig.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::client {

struct ComponentOptions {
  std::string program;     // "controller-manager": its name in the log, as actor and in the User-Agent
  std::string kubeconfig;  // path of the file that says where the hub is and who we are
  int secure_port = 0;     // of the health server on 127.0.0.1; 0 = a free one, -1 = no server
  std::string tls_cert_file, tls_private_key_file;  // PEM; both empty = the health server speaks plain HTTP
  std::string log_file;                             // "" = stderr
  int verbosity = 0;                                // 4 and more shows debug lines
  std::optional<std::uint64_t> seed;                // "" = from the operating system
};

// What the program runs. All functions are called on the loop's one thread.
struct Component {
  std::function<awaitable<void>()> run;   // until stopped; its end, or what it throws, ends the program with code 1
  std::function<awaitable<void>()> stop;  // cancels and joins everything
  std::function<bool()> is_ready;         // for /readyz
  std::function<std::string()> metrics;   // Prometheus text for /metrics; may be empty
  http::Handler handler;                  // for the paths that the health server does not know; may be empty
  std::shared_ptr<void> owner;            // keeps what the functions use
};
using MakeComponent = std::function<Component(Env env, http::Transport& hub)>;

// Serves /livez /readyz /healthz /metrics and PUT or DELETE /kubeloop/v1/faults/PLACE (body `kill`: the process kills
// itself with SIGKILL when it reaches that place; `throw`: it meets an exception there). SIGTERM and SIGINT stop
// cleanly. Returns the exit code: 0 stopped, 1 error (one line on stderr and in the log), 7 the port is in use.
int run_component(const ComponentOptions& options, const MakeComponent& make);

// "<host name>_<uuid>": who this process is in leader election. From the operating system, whatever --seed says: no two
// lives may share it.
std::string process_identity();

}  // namespace kubeloop::client
