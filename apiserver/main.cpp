// The program: flags in, API server out.
#include "apiserver/server_options.hpp"
#include "apiserver/server_program.hpp"

int main(int argc, char** argv) {
  auto parsed = kubeloop::apiserver::parse_server_options(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  return kubeloop::apiserver::run_server(parsed.options);
}
