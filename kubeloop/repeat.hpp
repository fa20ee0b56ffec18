// The command that makes a run once more, as a shell takes it. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "kubeloop/commands.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::cli {

// "kubeloop run FILE --time virtual --seed 7 --shuffle 7 --faults --set replicas=3". `command` is what was typed,
// `scenario` the combination of the file's parameters that ran.
std::string repeating_command(const RunCommand& command, const std::string& file, const simulator::Scenario& scenario,
                              bool is_virtual, std::uint64_t seed, std::optional<std::uint64_t> shuffle_seed);
// " --wire --sqlite --plant NAME": what a file cannot say of how it is run.
std::string fidelity_options(const RunCommand& command);
// `word` as a shell takes it.
std::string shell_word(const std::string& word);

}  // namespace kubeloop::cli
