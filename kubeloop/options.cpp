#include "kubeloop/options.hpp"

#include <CLI/CLI.hpp>

#include <sstream>

#include "kubeloop/completion.hpp"
#include "kubeloop/play.hpp"
#include "simulator/faults/fault.hpp"
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

CLI::Validator is_speed() {
  auto check = [](std::string& text) {
    return parse_speed(text) ? std::string() : "\"" + text + "\" is no speed: 10x, 0.5x";
  };
  return CLI::Validator(check, "SPEED");
}

// The words between the commas, when each is an area of faults.
std::optional<std::vector<std::string>> areas_in(const std::string& text) {
  std::vector<std::string> areas;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) {
    if (!simulator::find_area(word)) return std::nullopt;
    areas.push_back(word);
  }
  if (areas.empty()) return std::nullopt;
  return areas;
}

CLI::Validator are_areas() {
  auto check = [](std::string& text) {
    return areas_in(text) ? std::string() : "\"" + text + "\" are no areas: node,component,api,watch,disk";
  };
  return CLI::Validator(check, "AREA,...");
}

CLI::Validator is_seed_or_nothing() {
  auto check = [](std::string& text) { return text.empty() ? std::string() : is_seed()(text); };
  return CLI::Validator(check, "SEED");
}

void take_shuffle(RunCommand& run, const std::string& text) {
  run.shuffles = text.empty();
  if (!text.empty()) run.shuffle_seed = std::stoull(text);
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
  command->add_option("FILE", run.files, "scenario files, or folders of them")->required()->type_name("FILE...");
  command->add_option("-l,--selector", run.selector, "only those whose labels match, like suite=flow,speed!=slow");
  add_repeatable(command, "--set", run.settings, "NAME=VALUE: the only value of that parameter of the matrix");
  command->add_option("--time", run.time, "real: as processes; virtual: in one process, same seed, same history")
      ->check(CLI::IsMember({"real", "virtual"}));
  command->add_option("--seed", run.seed, "instead of the scenario's own seed")->check(is_seed());
  auto* seeds = command->add_option("--seeds", run.seeds,
                                    "virtual time: run each scenario with so many seeds, from --seed (or 1) on");
  seeds->check(CLI::Range(1, 1'000'000));
  // The value may be left out; so FILE must not follow it directly.
  command
      ->add_option_function<std::string>(
          "--shuffle", [&run](const std::string& text) { take_shuffle(run, text); },
          "virtual time: explore another interleaving, drawn from this seed, or from that of the run")
      ->expected(0, 1)
      ->type_name("[SEED]")
      ->check(is_seed_or_nothing());
  command->add_flag(
      "--faults", run.draws_faults,
      "virtual time: things go wrong, drawn from the seed; then they are healed, and all must come to be");
  command
      ->add_option_function<std::string>(
          "--fault-areas",
          [&run](const std::string& text) { run.fault_areas = areas_in(text).value_or(std::vector<std::string>()); },
          "likewise, but only of these: node,component,api,watch,disk")
      ->type_name("AREA,...")
      ->check(are_areas());
  command->add_flag("--wire", run.is_wire, "virtual time: as bytes of HTTP between the components");
  command->add_flag("--sqlite", run.has_sqlite,
                    "virtual time: the hub writes with SQLite, on a disk that loses what was not synced");
  command->add_option("--workers", run.workers, "processes of a sweep (default: one a core)")
      ->check(CLI::Range(1, 256));
  command->add_option(
      "--shrink", run.shrink_to,
      "when a run in virtual time fails: make it smaller as long as it fails, and write it to this file");
  command->add_option("--speed", run.speed, "virtual time: show it as it goes, so many times faster than life: 10x")
      ->check(is_speed());
  command->add_flag("--pause", run.is_paused,
                    "virtual time: step by step, with keys: n next event, w next write, c, q");
  command->add_option("--break", run.break_at, "with --speed or --pause: stop where an event's line has this text");
  command->add_option("--plant", run.planted, "a mistake of our own, by name, to see whether it is found")->group("");
  command->add_flag("--twice", run.is_twice, "virtual time: run it twice and compare the histories (exit code 6)");
  auto* keep = command->add_flag("--keep", run.keeps_cluster, "real time: leave the cluster running");
  command->add_option("--on", run.on, "real time: use this running cluster")->excludes(keep);
  add_repeatable(command, "--report", run.reports,
                 "text, json=FILE, html=FILE (a page that needs nothing else), mermaid=FILE (a sequence diagram; "
                 "Markdown when FILE ends in .md), junit=FILE; may be repeated (default: text)");
}

void define_lint(CLI::App& app, LintCommand& lint) {
  auto* command = app.add_subcommand("lint", "say what is wrong with scenario files, without running them");
  command->add_option("FILE", lint.files, "scenario files, or folders of them")->type_name("FILE...");
  command->add_option("-o,--output", lint.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_repeatable(command, "--explain", lint.explained, "say what a code like KL101 means, and how it is mended");
}

void define_check(CLI::App& app, CheckCommand& check) {
  auto* command =
      app.add_subcommand("check", "judge the checks of a file on a running cluster (exit code 4: one fails)");
  command->add_option("FILE", check.file, "a Scenario with spec.checks, or a file of kind Checks")->required();
  command->add_option("--on", check.on, "name of the cluster")->capture_default_str();
  command->add_flag("--watch", check.is_watching, "judge again on every change, until all hold or Ctrl-C");
  command->add_option("-o,--output", check.output, "text or json (a line each)")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
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
  define_lint(app, commands.lint);
  define_check(app, commands.check);
  define_flow(app, commands.flow);
  define_logs(app, commands.logs);
  define_completion(app, commands.completion);
}

}  // namespace kubeloop::cli
