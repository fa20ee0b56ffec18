// Adds one context to the kubeconfig files that belong to the user, and removes exactly that again. Everything else in
// the files stays; comments do not. Which files those are, which one a change goes to and how they are locked follow
// client-go (clientcmd), so that kubectl and we agree.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"

namespace kubeloop::simulator {

// The files that kubectl reads, in order of precedence: the flag alone, else the list in $KUBECONFIG, else
// ~/.kube/config. 400 when none of them names a file.
Result<std::vector<std::string>> kubeconfig_files(const std::string& flag, const std::optional<std::string>& variable,
                                                  const std::optional<std::string>& home);
// The same for this process: its environment.
Result<std::vector<std::string>> kubeconfig_files(const std::string& flag);

// Whether the files that exist can be read as kubeconfigs and the one that would change can be written: asked before
// anything is started. The current context, or "".
Result<std::string> check_kubeconfig(const std::vector<std::string>& files);

// Merges the cluster, user and context of `config_text` (a kubeconfig) into the files: over entries of the same name
// where they stand, else into the first file that exists, else into the last; and makes the context the current one
// when `is_to_switch`. A missing file is made, mode 0600. Returns the files that now have something of ours. 409 when
// another program holds a lock: try again.
Result<std::vector<std::string>> add_to_kubeconfig(const std::vector<std::string>& files,
                                                   const std::string& config_text, bool is_to_switch);

// Removes cluster, user and context `name` from the files; where that was the current context, `previous_context` is it
// again, if there still is one of that name. Nothing happens when they are not there. 409 as above.
Result<void> remove_from_kubeconfig(const std::vector<std::string>& files, const std::string& name,
                                    const std::string& previous_context);

}  // namespace kubeloop::simulator
