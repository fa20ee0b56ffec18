// The command line of kubeloop: options only; what they do stands in commands.hpp.
#include <CLI/CLI.hpp>

#include "kubeloop/commands.hpp"

namespace {

using namespace kubeloop::cli;

// Exactly one value for each use of a repeatable option, so that it does not swallow the files after it.
template <class T>
CLI::Option* add_repeatable(CLI::App* app, const std::string& name, T& target, const std::string& help) {
  return app->add_option(name, target, help)->expected(1)->allow_extra_args(false)->take_all();
}

// A seed is a whole number from 0 to 2^64 - 1; strtoull would take "-1" and clip what is too large.
CLI::Validator is_seed() {
  auto check = [](std::string& text) {
    bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    bool fits = text.size() < 20 || (text.size() == 20 && text <= "18446744073709551615");
    return is_number && fits ? std::string() : "\"" + text + "\" is no seed: a whole number from 0 to 2^64 - 1";
  };
  return CLI::Validator(check, "SEED");
}

void define_up(CLI::App& app, UpCommand& up) {
  auto* command = app.add_subcommand("up", "start a cluster, or what is missing of it");
  command->add_option("--name", up.name, "name of the cluster")->capture_default_str();
  command->add_option("--nodes", up.nodes, "how many nodes to simulate")->check(CLI::Range(0, 5000));
  command->add_option("--data", up.data_dir, "directory of the data; it is kept by `down`");
  command->add_option("--store", up.store, "what stands in the place of etcd")
      ->check(CLI::IsMember({"sqlite", "memory"}))
      ->capture_default_str();
  command
      ->add_option("--port", up.port,
                   "port of the API server on 127.0.0.1 (default: the one it had, 6443, or a free one)")
      ->check(CLI::Range(1, 65535));
  command->add_option("--kubeconfig", up.kubeconfig, "add the context kubeloop-NAME to this file");
  command->add_flag("--insecure", up.is_insecure, "plain HTTP, and nobody is asked who they are");
}

void define_run(CLI::App& app, RunCommand& run) {
  auto* command = app.add_subcommand("run", "run scenario files, one cluster each, and tell what happened");
  command->add_option("FILE", run.files, "scenario files")->required()->type_name("FILE...");
  command->add_option("--time", run.time, "real: as processes; virtual: in one process, same seed, same history")
      ->check(CLI::IsMember({"real", "virtual"}));
  command->add_option("--seed", run.seed, "instead of the scenario's own seed")->check(is_seed());
  command->add_option("--shuffle", run.shuffle_seed, "virtual time: explore another interleaving, drawn from this seed")
      ->check(is_seed());
  command->add_flag("--twice", run.is_twice, "virtual time: run it twice and compare the histories (exit code 6)");
  auto* keep = command->add_flag("--keep", run.keeps_cluster, "real time: leave the cluster running");
  command->add_option("--on", run.on, "real time: use this running cluster")->excludes(keep);
  add_repeatable(command, "--report", run.reports, "text, or json=FILE; may be repeated (default: text)");
}

void define_flow(CLI::App& app, FlowCommand& flow) {
  auto* command = app.add_subcommand("flow", "show who called whom and what was written, from the hub's flow log");
  command->add_option("--name", flow.name, "name of the cluster")->capture_default_str();
  command->add_option("--pod", flow.pod, "only what concerns this pod, as NAMESPACE/NAME");
  command->add_flag("--follow", flow.is_following, "go on as things happen");
  command->add_option("-o,--output", flow.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"kubeloop: a Kubernetes control plane in miniature"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "v1.35.0+kubeloop");
  UpCommand up;
  DownCommand down;
  StatusCommand status;
  RunCommand run;
  FlowCommand flow;
  define_up(app, up);
  auto* down_command = app.add_subcommand("down", "stop a cluster and remove what `up` made");
  down_command->add_option("--name", down.name, "name of the cluster")->capture_default_str();
  down_command->add_option("--kubeconfig", down.kubeconfig, "remove the context kubeloop-NAME from this file");
  auto* status_command = app.add_subcommand("status", "show the daemons of a cluster; exit code 1 if one is dead");
  status_command->add_option("--name", status.name, "name of the cluster")->capture_default_str();
  define_run(app, run);
  define_flow(app, flow);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (app.got_subcommand("up")) return run_up(up);
  if (app.got_subcommand("down")) return run_down(down);
  if (app.got_subcommand("status")) return run_status(status);
  if (app.got_subcommand("run")) return run_run(run);
  return run_flow(flow);
}
