// The program: flags in, scheduler out.
#include <CLI/CLI.hpp>

#include <memory>

#include "libs/client/component_options.hpp"
#include "scheduler/scheduler.hpp"

using namespace kubeloop;

int main(int argc, char** argv) {
  client::ComponentOptions options;
  options.program = "scheduler";
  options.secure_port = 10259;
  auto election = scheduler::default_election();
  bool is_elected = true;

  CLI::App app{"kubeloop scheduler: finds a node for every pod"};
  client::add_component_flags(app, options);
  client::add_election_flags(app, election, is_elected);
  try {
    app.parse(argc, argv);
    client::check_election(election, is_elected);
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
