// Why a daemon ended, as its own log tells it. Pure.
#pragma once
#include <string>

namespace kubeloop::cli {

// The message of the last line of `log` when that line is an error; "" when it is anything else, as after a kill.
std::string reason_of_end(const std::string& log);

}  // namespace kubeloop::cli
