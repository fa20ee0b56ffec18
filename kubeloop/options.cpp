#include "kubeloop/options.hpp"

#include <CLI/CLI.hpp>

#include "kubeloop/completion.hpp"
#include "simulator/launcher/cluster_up.hpp"

namespace kubeloop::cli {
namespace {

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
  command->add_option("--kubeconfig", up.kubeconfig,
                      "file for the context kubeloop-NAME (default: $KUBECONFIG, else ~/.kube/config)");
  command->add_flag("--no-switch-context", up.keeps_context, "do not make it the current context");
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
  add_repeatable(command, "--report", run.reports,
                 "text, json=FILE, html=FILE (a page that needs nothing else), mermaid=FILE (a sequence diagram; "
                 "Markdown when FILE ends in .md), junit=FILE; may be repeated (default: text)");
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

void define_logs(CLI::App& app, LogsCommand& logs) {
  auto* command = app.add_subcommand("logs", "show the log of one of a cluster's daemons");
  command->add_option("COMPONENT", logs.component, "apiserver, scheduler, controller-manager or kubelet-sim")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(simulator::kDaemons), std::end(simulator::kDaemons))));
  command->add_option("--name", logs.name, "name of the cluster")->capture_default_str();
  command->add_flag("-f,--follow", logs.is_following, "go on as lines are written");
  command->add_option("--tail", logs.tail, "only the last N lines")->check(CLI::NonNegativeNumber);
}

void define_completion(CLI::App& app, CompletionCommand& completion) {
  auto* command = app.add_subcommand("completion", "print the script that completes kubeloop's words in a shell");
  command->add_option("SHELL", completion.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace

void define_commands(CLI::App& app, Commands& commands) {
  app.require_subcommand(1);
  app.set_version_flag("--version", "v1.35.0+kubeloop");
  define_up(app, commands.up);
  auto* down = app.add_subcommand("down", "stop a cluster and remove what `up` made");
  down->add_option("--name", commands.down.name, "name of the cluster")->capture_default_str();
  down->add_option("--kubeconfig", commands.down.kubeconfig,
                   "remove the context kubeloop-NAME from this file (default: from where `up` put it)");
  auto* status = app.add_subcommand("status", "show the daemons of a cluster; exit code 1 if one is dead");
  status->add_option("--name", commands.status.name, "name of the cluster")->capture_default_str();
  define_run(app, commands.run);
  define_flow(app, commands.flow);
  define_logs(app, commands.logs);
  define_completion(app, commands.completion);
}

}  // namespace kubeloop::cli
