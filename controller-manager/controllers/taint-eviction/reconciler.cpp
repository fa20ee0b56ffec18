#include "controller-manager/controllers/taint-eviction/reconciler.hpp"

#include <fmt/core.h>

#include "controller-manager/pod_writer.hpp"
#include "controller-manager/references.hpp"

namespace kubeloop::controller_manager {

TaintEviction::TaintEviction(ControllerContext context)
    : context_(std::move(context)),
      events_(context_.env.child("events"), context_.tasks, context_.client, "taint-eviction-controller", ""),
      due_(context_.env.child("queue")) {
  context_.informers.nodes.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    if (!after) return;
    auto taints = no_execute_taints(*after);
    if (before && no_execute_taints(*before) == taints) return;
    for (const auto& [key, pod] : context_.informers.pods_by_node.on(after->metadata.name))
      plan(key, pod, taints, revision);
  });
  context_.informers.pods.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_pod(before, after, revision); });
}

TaintEviction::~TaintEviction() {
  for (auto& [key, eviction] : evictions_) {
    if (eviction.timer != 0) context_.env.clock.disarm(eviction.timer);
  }
}

std::vector<std::pair<std::string, const client::WorkQueue*>> TaintEviction::queues() const {
  return {{"taint_eviction_controller", &due_}};
}

awaitable<void> TaintEviction::run() {
  co_await context_.informers.nodes.wait_until_synced();
  co_await context_.informers.pods.wait_until_synced();
  co_await client::run_reconciler(context_.env, due_, *this);
}

void TaintEviction::fold_pod(const PodPtr& before, const PodPtr& after, client::Cause cause) {
  if (!after) return cancel(client::key_of(*before), cause);
  auto node = context_.informers.nodes.find(after->spec.nodeName);
  if (!node) return;  // unbound, or the node's own news will tell
  plan(client::key_of(*after), after, no_execute_taints(*node), cause);
}

void TaintEviction::plan(const std::string& key, const PodPtr& pod, const std::vector<api::Taint>& taints,
                         client::Cause cause) {
  auto it = evictions_.find(key);
  // One that is being deleted goes anyway; one that was evicted is not evicted twice.
  if (!pod->metadata.deletionTimestamp.empty() || (it != evictions_.end() && it->second.is_done)) return;
  auto verdict = taints.empty() ? EvictionVerdict() : plan_eviction(taints, pod->spec.tolerations);
  switch (verdict.kind) {
    case EvictionVerdict::Kind::kNever:
      return cancel(key, cause);
    case EvictionVerdict::Kind::kNow:
      if (it != evictions_.end() && it->second.timer == 0) return;
      cancel(key, cause);
      return schedule(key, pod, Duration::zero(), cause);
    case EvictionVerdict::Kind::kLater:
      // The time runs from when it was first planned.
      if (it == evictions_.end()) schedule(key, pod, verdict.after, cause);
  }
}

void TaintEviction::schedule(const std::string& key, const PodPtr& pod, Duration after, client::Cause cause) {
  auto& eviction = evictions_[key];
  eviction.pod = pod;
  if (after <= Duration::zero()) return due_.add(key, cause);
  eviction.timer = context_.env.clock.arm(context_.env.clock.now() + after, [this, key] {
    auto it = evictions_.find(key);
    if (it == evictions_.end()) return;
    it->second.timer = 0;
    due_.add(key, client::Cause());
  });
}

void TaintEviction::cancel(const std::string& key, client::Cause cause) {
  auto it = evictions_.find(key);
  if (it == evictions_.end()) return;
  if (it->second.timer != 0) {
    context_.env.clock.disarm(it->second.timer);
    events_.event(reference_to(*it->second.pod), "Normal", "TaintManagerEviction",
                  fmt::format("Cancelling deletion of Pod {}", key), cause);
  }
  evictions_.erase(it);
}

awaitable<Result<client::ReconcileResult>> TaintEviction::reconcile(std::string name, client::Cause cause) {
  auto it = evictions_.find(name);
  auto pod = context_.informers.pods.find(name);
  if (it == evictions_.end() || it->second.is_done || !pod) co_return client::ReconcileResult();
  if (!it->second.is_told) {
    it->second.is_told = true;
    events_.event(reference_to(*pod), "Normal", "TaintManagerEviction",
                  fmt::format("Marking for deletion Pod {}", name), cause);
  }
  WantedCondition condition;
  condition.type = "DisruptionTarget";
  condition.status = "True";
  condition.reason = "DeletionByTaintManager";
  condition.message = "Taint manager: deleting due to NoExecute taint";
  auto patched = co_await patch_pod_status(context_.client, *pod, condition, "", context_.env.clock.wall(), cause);
  if (!patched && patched.error().code != 404) co_return failure(std::move(patched.error()));
  co_await context_.env.faults.reach("before-eviction");
  auto removed = co_await delete_pod(context_.client, *pod, std::nullopt, cause);
  if (!removed) co_return failure(std::move(removed.error()));
  it = evictions_.find(name);
  if (it != evictions_.end()) it->second.is_done = true;
  co_return client::ReconcileResult();
}

}  // namespace kubeloop::controller_manager
