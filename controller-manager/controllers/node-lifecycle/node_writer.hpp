// The two writes on a node: conditions to Unknown by PUT nodes/status, and taints by PATCH. Both carry the
// resourceVersion they were decided on, and decide anew on the live object after a conflict.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "controller-manager/controllers/node-lifecycle/health_plan.hpp"
#include "controller-manager/controllers/node-lifecycle/taint_plan.hpp"
#include "libs/base/env.hpp"
#include "libs/client/api_client.hpp"

namespace kubeloop::controller_manager {

using NodePtr = std::shared_ptr<const api::Node>;

// What stood in the hub at last: written by us or found so.
struct NodeOutcome {
  std::string ready;           // status of the Ready condition
  std::uint64_t revision = 0;  // of our write; 0 when nothing had to be written

  NodeOutcome() = default;
};

// `is_stale` looks at the live node once more before it is written. A node that is gone is an error 404.
awaitable<Result<NodeOutcome>> write_unknown(const Env& env, client::ApiClient client, std::string node,
                                             std::function<bool(const api::Node&)> is_stale);

// `plan` is asked again for the live node after a conflict. A node that is gone is success.
awaitable<Result<void>> write_taints(const Env& env, client::ApiClient client, NodePtr node,
                                     std::function<TaintChange(const api::Node&)> plan, client::Cause cause);

}  // namespace kubeloop::controller_manager
