// What a container's command line does, for the few commands that manifests and lessons use: sleep, true, false,
// exit, echo and small shell scripts of them. Anything else is left to the image. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "kubelet-sim/runtime/behaviour.hpp"

namespace kubeloop::kubelet_sim {

struct CommandOutcome {
  RunBehaviour run;
  StopBehaviour stop;
  std::string start_error;
};

// `line` is the command with its arguments. Nothing when the program is not one of ours.
std::optional<CommandOutcome> interpret_command(const std::vector<std::string>& line);

}  // namespace kubeloop::kubelet_sim
