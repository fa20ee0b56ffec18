// `kubeloop run --shrink FILE`: writes the smallest scenario found that still fails as a run did.
#pragma once
#include "kubeloop/commands.hpp"
#include "kubeloop/run_selection.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/run/run_scenario.hpp"

namespace kubeloop::cli {

// `failure` is what the run of `options` came to. Tells what it found; the Status when the file cannot be written.
Result<void> shrink_failure(const RunCommand& command, const SelectedRun& run,
                            const simulator::VirtualRunOptions& options, const simulator::RunReport& failure,
                            Terminal& terminal);

}  // namespace kubeloop::cli
