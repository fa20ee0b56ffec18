// The program `kubeloop`: options in, a command, its exit code out. options.cpp says what can be given, commands.hpp
// what is done.
#include <CLI/CLI.hpp>

#include <string_view>

#include "kubeloop/completion.hpp"
#include "kubeloop/options.hpp"

int main(int argc, char** argv) {
  using namespace kubeloop::cli;
  if (argc > 1 && std::string_view(argv[1]) == kCompleteWord) {
    return print_candidates(std::vector<std::string>(argv + 2, argv + argc));
  }
  CLI::App app{"kubeloop: a Kubernetes control plane in miniature"};
  Commands commands;
  define_commands(app, commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (app.got_subcommand("up")) return run_up(commands.up);
  if (app.got_subcommand("down")) return run_down(commands.down);
  if (app.got_subcommand("status")) return run_status(commands.status);
  if (app.got_subcommand("run")) return run_run(commands.run);
  if (app.got_subcommand("check")) return run_check(commands.check);
  if (app.got_subcommand("lint")) return run_lint(commands.lint);
  if (app.got_subcommand("logs")) return run_logs(commands.logs);
  if (app.got_subcommand("completion")) return run_completion(commands.completion);
  return run_flow(commands.flow);
}
