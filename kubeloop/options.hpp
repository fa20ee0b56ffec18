// The options of all commands, as CLI11 reads them. The completion of shells is made from the same definitions.
#pragma once
#include "kubeloop/commands.hpp"

namespace CLI {
class App;
}

namespace kubeloop::cli {

struct Commands {
  UpCommand up;
  DownCommand down;
  StatusCommand status;
  RunCommand run;
  LintCommand lint;
  CheckCommand check;
  FlowCommand flow;
  LogsCommand logs;
  CompletionCommand completion;
};

// `commands` outlives `app`, which writes into it.
void define_commands(CLI::App& app, Commands& commands);

}  // namespace kubeloop::cli
