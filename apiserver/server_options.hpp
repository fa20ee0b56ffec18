// The flags of the program apiserver: named as kube-apiserver's where it has them. Plain data and its parser.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "apiserver/hub.hpp"

namespace kubeloop::apiserver {

struct ServerProgramOptions {
  std::string bind_address = "127.0.0.1";
  int secure_port = 6443;        // 0 = a free one
  std::string store = "sqlite";  // or memory
  std::string data_dir;
  std::string tls_cert_file, tls_private_key_file, client_ca_file;  // PEM
  std::string log_file;                                             // "" = stderr
  int verbosity = 0;                                                // 4 and more shows debug lines
  std::optional<std::uint64_t> seed;
  HubOptions hub;
};

// Either the options, or the exit code of a program that has nothing more to do: 0 after --help, 2 for wrong usage
// (told on stderr).
struct ParsedOptions {
  std::optional<int> exit_code;
  ServerProgramOptions options;
};
ParsedOptions parse_server_options(int argc, char** argv);

}  // namespace kubeloop::apiserver
