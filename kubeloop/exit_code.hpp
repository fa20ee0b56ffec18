// The exit code that goes with an error: 5 timed out, 7 address or lock in use, 1 everything else (see commands.hpp).
// Pure.
#pragma once
#include "libs/base/result.hpp"

namespace kubeloop::cli {

int exit_code(const Status& status);

}  // namespace kubeloop::cli
