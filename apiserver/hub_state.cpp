#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

HubState::HubState(Env e, Store& s, HubOptions o)
    : env(std::move(e)),
      store(s),
      options(std::move(o)),
      schema(api::Schema::builtin()),
      addresses(options.service_ranges, env.rng.fork("service-ip"), env.rng.fork("node-port")),
      watches(WatchHub::Limits()),
      tasks(env, TaskGroup::OnException::kEnd),
      uids(env.rng.fork("uid")),
      names(env.rng.fork("name")),
      audit_ids(env.rng.fork("audit-id")),
      timeouts(env.rng.fork("watch-timeout")) {}

void HubState::start_random_streams() {
  auto life = env.rng.fork(std::to_string(objects.revision()));
  uids = life.fork("uid");
  names = life.fork("name");
  audit_ids = life.fork("audit-id");
  timeouts = life.fork("watch-timeout");
  addresses.reseed(life.fork("service-ip"), life.fork("node-port"));
}

awaitable<bool> wait_until_applied(HubPtr hub, Revision revision, Duration limit) {
  Instant deadline = hub->env.clock.now() + limit;
  while (hub->objects.revision() < revision) {
    if (hub->is_stopping || hub->env.clock.now() >= deadline) co_return false;
    co_await hub->applied.wait_until(hub->env, deadline);
  }
  co_return true;
}

}  // namespace kubeloop::apiserver
