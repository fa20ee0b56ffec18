// What `kubeloop run` runs: which files, which combinations of their parameters, in which kind of time. Everything is
// read and checked before anything runs.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "kubeloop/commands.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::cli {

struct SelectedRun {
  std::string file;
  simulator::Scenario scenario;
  bool is_virtual = false;
};

// Whether an option asks for what only virtual time has.
bool needs_virtual_time(const RunCommand& command);

// In order of the files, then of the combinations. Else what is wrong has been told, and this is the exit code.
std::expected<std::vector<SelectedRun>, int> select_runs(const RunCommand& command, Terminal& terminal);

}  // namespace kubeloop::cli
