#include "controller-manager/controllers/pod-garbage-collector/reconciler.hpp"

#include "controller-manager/pod_writer.hpp"

namespace kubeloop::controller_manager {

awaitable<void> PodGarbageCollector::run() {
  co_await context_.informers.nodes.wait_until_synced();
  co_await context_.informers.pods.wait_until_synced();
  while (true) {
    co_await collect();
    co_await sleep_for(context_.env, context_.options.pod_gc_period);
  }
}

awaitable<void> PodGarbageCollector::collect() {
  auto pods = context_.informers.pods.objects();
  auto nodes = context_.informers.nodes.objects();
  missing_ = missing_nodes(missing_, pods, nodes, context_.env.clock.now());
  co_await remove(surplus_ended(pods, context_.options.terminated_pod_gc_threshold), pods, false, false);
  co_await remove(out_of_service(pods, nodes), pods, false, true);
  auto gone = co_await confirm_gone();
  co_await remove(bound_to(pods, gone), pods, true, true);
  co_await remove(unbound_terminating(pods), pods, false, false);
}

awaitable<std::set<std::string>> PodGarbageCollector::confirm_gone() {
  std::set<std::string> gone;
  Instant now = context_.env.clock.now();
  auto missing = missing_;
  for (const auto& [node, since] : missing) {
    if (now - since < context_.options.pod_gc_quarantine) continue;
    auto live = co_await context_.client.get(api::kNodes, "", node, client::Cause());
    if (!live && live.error().code == 404) gone.insert(node);
  }
  co_return gone;
}

awaitable<void> PodGarbageCollector::remove(std::vector<std::string> keys, PodMap pods, bool is_orphaned,
                                            bool is_to_fail) {
  for (const auto& key : keys) {
    auto pod = pods.at(key);
    Result<void> written;
    if (is_to_fail && !pod->is_terminal()) {
      std::optional<WantedCondition> condition;
      if (is_orphaned) {
        condition.emplace();
        condition->type = "DisruptionTarget";
        condition->status = "True";
        condition->reason = "DeletionByPodGC";
        condition->message = "PodGC: node no longer exists";
      }
      written = co_await patch_pod_status(context_.client, *pod, condition, "Failed", context_.env.clock.wall(),
                                          client::Cause());
    }
    if (written) written = co_await delete_pod(context_.client, *pod, 0, client::Cause());
    if (!written && written.error().code != 404) context_.env.log.warning("pod {}: {}", key, written.error().message);
  }
}

}  // namespace kubeloop::controller_manager
