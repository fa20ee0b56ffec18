// `kubeloop run --seeds N`: many runs in virtual time, and what is needed of a run to repeat it.
#pragma once
#include <string>
#include <vector>

#include "kubeloop/commands.hpp"
#include "kubeloop/report_files.hpp"
#include "kubeloop/run_selection.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/run/run_scenario.hpp"

namespace kubeloop::cli {

// The exit code: that of the worst run.
int run_sweep(const RunCommand& command, const std::vector<SelectedRun>& runs, const ReportFiles& reports,
              Terminal& terminal);

// One run as the command asks for it.
simulator::VirtualRunOptions virtual_options(const RunCommand& command, const simulator::Scenario& scenario);
// " --faults --fault-areas node,api --wire": what a repeating command needs beside seed and shuffle.
std::string fault_options(const RunCommand& command);
// `word` as a shell takes it.
std::string shell_word(const std::string& word);

}  // namespace kubeloop::cli
