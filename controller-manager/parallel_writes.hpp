// Runs several writes at once and waits for all of them.
#pragma once
#include <string>
#include <vector>

#include "libs/base/env.hpp"

namespace kubeloop::controller_manager {

// Each task keeps its own outcome. When the caller is cancelled, they are cancelled too and have unwound before it goes
// on.
awaitable<void> run_all(const Env& env, std::string name, std::vector<awaitable<void>> tasks);

}  // namespace kubeloop::controller_manager
