// The program: flags in, scheduler out.
#include <CLI/CLI.hpp>

#include <memory>

#include "libs/client/component_main.hpp"
#include "scheduler/scheduler.hpp"

int main(int argc, char** argv) {
  using namespace kubeloop;
  client::ComponentOptions options;
  options.program = "scheduler";
  options.secure_port = 10259;

  CLI::App app{"kubeloop scheduler: finds a node for every pod"};
  app.add_option("--kubeconfig", options.kubeconfig, "where the hub is and who we are")->required();
  app.add_option("--secure-port", options.secure_port,
                 "of /livez, /readyz, /healthz and /metrics on 127.0.0.1; 0 = a free one")
      ->check(CLI::Range(-1, 65535))
      ->capture_default_str();
  app.add_option("--tls-cert-file", options.tls_cert_file, "PEM; without it these are served over plain HTTP");
  app.add_option("--tls-private-key-file", options.tls_private_key_file, "PEM");
  app.add_option("--log-file", options.log_file, "instead of stderr");
  app.add_option("--seed", options.seed, "for a repeatable choice between equally good nodes");
  app.add_option("-v,--v", options.verbosity, "4 and more shows debug lines")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  return client::run_component(options, [](Env env, http::Transport& hub) {
    auto scheduler = std::make_shared<scheduler::Scheduler>(std::move(env), hub);
    client::Component component;
    component.run = [scheduler] { return scheduler->run(); };
    component.stop = [scheduler] { return scheduler->stop(); };
    component.is_ready = [scheduler] { return scheduler->is_ready(); };
    component.metrics = [scheduler] { return scheduler->metrics(); };
    component.owner = scheduler;
    return component;
  });
}
