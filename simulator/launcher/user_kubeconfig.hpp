// Adds one context to a kubeconfig that belongs to the user, and removes exactly that again. Everything else in the
// file stays; comments do not.
#pragma once
#include <string>

#include "libs/base/result.hpp"

namespace kubeloop::simulator {

// Merges the cluster, user and context of `config_text` (a kubeconfig) into `path`, replacing those of the same names,
// and makes the context the current one. The file is made, mode 0600, when it is missing.
Result<void> add_to_kubeconfig(const std::string& path, const std::string& config_text);

// Removes cluster, user and context `name` from `path`; the current context is unset when it was that one. Nothing
// happens when they are not there.
Result<void> remove_from_kubeconfig(const std::string& path, const std::string& name);

}  // namespace kubeloop::simulator
