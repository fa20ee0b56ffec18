// Reads a file that a user has named: a scenario or a manifest. Bounded, and only regular files: a device or a FIFO
// would never end.
#pragma once
#include <string>

#include "libs/base/result.hpp"

namespace kubeloop::simulator {

// 404 when it is not there or cannot be read, 413 beyond 8 MiB, 400 when it is no regular file; each names the path.
Result<std::string> read_input_file(const std::string& path);

}  // namespace kubeloop::simulator
