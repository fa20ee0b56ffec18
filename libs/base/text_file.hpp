// Reads a small file that our own options or configuration name: keys, certificates, credentials. Blocking: for
// start-up only.
#pragma once
#include <string>

#include "libs/base/result.hpp"

namespace kubeloop {

// The whole content; 400 "PATH: cannot be read".
Result<std::string> read_text_file(const std::string& path);

}  // namespace kubeloop
