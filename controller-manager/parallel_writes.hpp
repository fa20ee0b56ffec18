// Several writes at once: how many at first, and how they are run. Source of the batches: slowStartBatch in Kubernetes'
// job and ReplicaSet controllers.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/env.hpp"

namespace kubeloop::controller_manager {

// 1, 2, 4, ... adding up to `count`: how many objects are made at once. The first batch with a failure is to be the
// last, so that a refusal costs a few requests and not all of them.
std::vector<std::int64_t> slow_start_batches(std::int64_t count);

// Runs the tasks at once and waits for all of them. Each task keeps its own outcome. When the caller is cancelled, they
// are cancelled too and have unwound before it goes on.
awaitable<void> run_all(const Env& env, std::string name, std::vector<awaitable<void>> tasks);

}  // namespace kubeloop::controller_manager
