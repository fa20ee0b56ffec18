// The drain step: what `kubectl drain NODE --ignore-daemonsets` does, with the same requests.
#pragma once
#include "libs/base/env.hpp"
#include "libs/client/api_client.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

// Makes the node unschedulable and evicts its pods; an eviction that a budget forbids (429) is tried again every 5 s.
// Returns when all of them are gone, else 504 with what is left. Pods of DaemonSets and static pods stay.
awaitable<Result<void>> drain_node(const Env& env, client::ApiClient& client, const DrainStep& step);

}  // namespace kubeloop::simulator
