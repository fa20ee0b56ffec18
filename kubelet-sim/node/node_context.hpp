// What the parts of one running node share: its name, its identity at the hub, its events, the runtime under it.
// Owned by the NodeAgent and as long-lived.
#pragma once
#include <memory>
#include <string>

#include "kubelet-sim/node/node_profile.hpp"
#include "kubelet-sim/runtime/runtime.hpp"
#include "kubelet-sim/timings.hpp"
#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"
#include "libs/client/event_recorder.hpp"

namespace kubeloop::kubelet_sim {

struct NodeContext {
  NodeContext(Env e, const NodeProfile& p, const Timings& t, Runtime& r, const client::ApiClient& process_client);

  Env env;
  const NodeProfile& profile;
  const Timings& timings;
  Runtime& runtime;
  client::ApiClient client;  // as system:node:NAME
  TaskGroup tasks;
  client::EventRecorder events;
  Instant relist_origin;
};

}  // namespace kubeloop::kubelet_sim
