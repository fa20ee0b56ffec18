// Adds one context to a kubeconfig that belongs to the user, and removes exactly that again. Everything else in the
// file stays; comments do not.
#pragma once
#include <string>

#include "libs/base/result.hpp"

namespace kubeloop::simulator {

// Merges the cluster, user and context of `config_text` (a kubeconfig) into `path`, replacing those of the same names,
// and makes the context the current one. The file is made, mode 0600, when it is missing.
Result<void> add_to_kubeconfig(const std::string& path, const std::string& config_text);

// Whether the file, if there is one, can be read as a kubeconfig: asked before anything is started. The current
// context, or "".
Result<std::string> check_kubeconfig(const std::string& path);

// Removes cluster, user and context `name` from `path`; when that was the current context, `previous_context` is it
// again. Nothing happens when they are not there.
Result<void> remove_from_kubeconfig(const std::string& path, const std::string& name,
                                    const std::string& previous_context);

}  // namespace kubeloop::simulator
