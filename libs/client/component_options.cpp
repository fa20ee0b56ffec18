#include "libs/client/component_options.hpp"

#include <CLI/CLI.hpp>

#include "libs/base/go_duration.hpp"

namespace kubeloop::client {

void add_component_flags(CLI::App& app, ComponentOptions& options) {
  app.add_option("--kubeconfig", options.kubeconfig, "credential file: where the API server is and who we are")
      ->required();
  app.add_option("--secure-port", options.secure_port,
                 "port of /livez, /readyz, /healthz and /metrics on 127.0.0.1; 0 = a free one, -1 = none")
      ->check(CLI::Range(-1, 65535))
      ->capture_default_str();
  app.add_option("--tls-cert-file", options.tls_cert_file, "PEM certificate of that port; without it plain HTTP");
  app.add_option("--tls-private-key-file", options.tls_private_key_file, "PEM key of that certificate");
  app.add_option("--log-file", options.log_file, "append the log to this file instead of stderr");
  app.add_option("--seed", options.seed, "seed of all random choices");
  app.add_option("-v,--v", options.verbosity, "log level; 4 and more shows debug lines")->capture_default_str();
}

void add_election_flags(CLI::App& app, LeaderElectionOptions& election, bool& is_elected) {
  app.add_flag("--leader-elect", is_elected, "act only while holding the lease")->capture_default_str();
  add_duration_flag(app, "--leader-elect-lease-duration", election.timing.lease_duration,
                    "how long others wait after the leader's last sign of life (15s)");
  add_duration_flag(app, "--leader-elect-renew-deadline", election.timing.renew_deadline,
                    "how long a leader tries to renew before it gives up (10s)");
  add_duration_flag(app, "--leader-elect-retry-period", election.timing.retry_period, "between two tries (2s)");
  app.add_option("--leader-elect-resource-name", election.lease_name, "of the lease")->capture_default_str();
  app.add_option("--leader-elect-resource-namespace", election.lease_namespace, "of the lease")->capture_default_str();
}

void check_election(const LeaderElectionOptions& election, bool is_elected) {
  auto error = is_elected ? timing_error(election.timing) : "";
  if (!error.empty()) throw CLI::ValidationError("--leader-elect", error);
}

void add_duration_flag(CLI::App& app, const std::string& name, Duration& target, const std::string& description) {
  auto read = [&target](const std::string& text) {
    auto duration = parse_go_duration(text);
    if (!duration || *duration <= Duration::zero()) throw CLI::ValidationError(text + " is no duration like 50s");
    target = *duration;
  };
  app.add_option_function<std::string>(name, read, description)->type_name("DURATION");
}

}  // namespace kubeloop::client
