// `kubeloop run --seeds N`: many runs in virtual time.
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

}  // namespace kubeloop::cli
