// The program: flags in, scheduler out.
#include <CLI/CLI.hpp>

#include <memory>

#include "libs/base/go_duration.hpp"
#include "libs/client/component_main.hpp"
#include "scheduler/scheduler.hpp"

using namespace kubeloop;

namespace {

void add_election_flags(CLI::App& app, client::LeaderElectionOptions& election, bool& is_elected) {
  auto add_duration = [&app](const std::string& name, Duration& target, const std::string& description) {
    auto read = [&target](const std::string& text) {
      auto duration = parse_go_duration(text);
      if (!duration) throw CLI::ValidationError(text + " is no duration like 15s");
      target = *duration;
    };
    app.add_option_function<std::string>(name, read, description)->type_name("DURATION");
  };
  app.add_flag("--leader-elect", is_elected, "act only while holding the lease")->capture_default_str();
  add_duration("--leader-elect-lease-duration", election.timing.lease_duration,
               "how long others wait after the leader's last sign of life (15s)");
  add_duration("--leader-elect-renew-deadline", election.timing.renew_deadline,
               "how long a leader tries to renew before it gives up (10s)");
  add_duration("--leader-elect-retry-period", election.timing.retry_period, "between two tries (2s)");
  app.add_option("--leader-elect-resource-name", election.lease_name, "of the lease")->capture_default_str();
  app.add_option("--leader-elect-resource-namespace", election.lease_namespace, "of the lease")->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  client::ComponentOptions options;
  options.program = "scheduler";
  options.secure_port = 10259;
  auto election = scheduler::default_election();
  bool is_elected = true;

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
  add_election_flags(app, election, is_elected);
  try {
    app.parse(argc, argv);
    auto error = is_elected ? client::timing_error(election.timing) : "";
    if (!error.empty()) throw CLI::ValidationError("--leader-elect", error);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  election.identity = client::process_identity();
  return client::run_component(options, [&](Env env, http::Transport& hub) {
    scheduler::SchedulerOptions chosen;
    if (is_elected) chosen.election = election;
    auto scheduler = std::make_shared<scheduler::Scheduler>(std::move(env), hub, std::move(chosen));
    client::Component component;
    component.run = [scheduler] { return scheduler->run(); };
    component.stop = [scheduler] { return scheduler->stop(); };
    component.is_ready = [scheduler] { return scheduler->is_ready(); };
    component.metrics = [scheduler] { return scheduler->metrics(); };
    component.owner = scheduler;
    return component;
  });
}
