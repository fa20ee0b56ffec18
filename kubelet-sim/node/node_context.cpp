#include "kubelet-sim/node/node_context.hpp"

namespace kubeloop::kubelet_sim {
namespace {

client::ClientIdentity identity_of(const std::string& node) {
  client::ClientIdentity identity;
  identity.actor = "kubelet-sim/" + node;
  identity.impersonate_user = "system:node:" + node;
  identity.impersonate_groups = {"system:nodes"};
  return identity;
}

}  // namespace

NodeContext::NodeContext(Env e, const NodeProfile& p, const Timings& t, Runtime& r,
                         const client::ApiClient& process_client)
    : env(std::move(e)),
      profile(p),
      timings(t),
      runtime(r),
      client(process_client.as(identity_of(p.name))),
      tasks(env, TaskGroup::OnException::kEnd),
      events(env.child("events"), tasks, client, "kubelet", p.name) {
  // Nodes do not all look at their containers at the same instant.
  auto spread = std::chrono::duration_cast<std::chrono::milliseconds>(timings.relist).count();
  Rng rng = env.rng.fork("relist");
  relist_origin = env.clock.now();
  if (spread > 0) relist_origin += std::chrono::milliseconds(rng.below(static_cast<std::uint64_t>(spread)));
}

}  // namespace kubeloop::kubelet_sim
