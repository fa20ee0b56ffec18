#include "controller-manager/controllers/node-lifecycle/reconciler.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "controller-manager/pod_writer.hpp"
#include "controller-manager/references.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr Duration kZonePoll = std::chrono::milliseconds(100);
constexpr std::string_view kLeaseNamespace = "kube-node-lease";

}  // namespace

NodeLifecycle::NodeLifecycle(ControllerContext context)
    : context_(std::move(context)),
      events_(context_.env.child("events"), context_.tasks, context_.client, "node-controller", ""),
      node_queue_(context_.env.child("node-queue")),
      pod_queue_(context_.env.child("pod-queue")),
      no_schedule_(*this),
      new_pods_(*this) {
  context_.informers.nodes.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    auto& watched = watched_[(after ? after : before)->metadata.name];
    watched.node = after;
    if (!after) return;
    node_queue_.add(after->metadata.name, revision);
    // Between two passes: the period of grace runs from when the change came, not from the next pass.
    if (watched.health) look_at(*after, watched);
  });
  context_.informers.node_leases.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    const auto& metadata = (after ? after : before)->metadata;
    if (metadata.namespace_ != kLeaseNamespace) return;
    auto& watched = watched_[metadata.name];
    watched.lease = after;
    if (after && watched.node && watched.health) look_at(*watched.node, watched);
  });
  context_.informers.pods.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    if (!after || after->spec.nodeName.empty()) return;
    if (!before || before->spec.nodeName != after->spec.nodeName) pod_queue_.add(client::key_of(*after), revision);
  });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> NodeLifecycle::queues() const {
  return {{"node_lifecycle_controller", &node_queue_}, {"node_lifecycle_controller_pods", &pod_queue_}};
}

awaitable<void> NodeLifecycle::run() {
  co_await context_.informers.nodes.wait_until_synced();
  co_await context_.informers.pods.wait_until_synced();
  co_await context_.informers.node_leases.wait_until_synced();
  context_.tasks.spawn("no-schedule taints", client::run_reconciler(context_.env, node_queue_, no_schedule_));
  context_.tasks.spawn("new pods", client::run_reconciler(context_.env, pod_queue_, new_pods_));
  context_.tasks.spawn("no-execute taints", taint());
  co_await monitor();
}

awaitable<void> NodeLifecycle::monitor() {
  while (true) {
    fold_membership(context_.informers.nodes.objects());
    std::vector<NodePtr> nodes;
    nodes.reserve(known_.size());
    for (const auto& [name, node] : known_) nodes.push_back(node);
    std::map<std::string, ZoneCount> counts;
    for (const auto& node : nodes) {
      auto& watched = watched_[node->metadata.name];
      if (is_settled(node, watched)) {
        if (watched.is_counted) ++counts[watched.zone].ready;
      } else {
        co_await check_node(node, &counts);
      }
    }
    co_await handle_disruption(std::move(counts));
    zones_changed_.notify();
    co_await sleep_for(context_.env, context_.options.node_monitor_period);
  }
}

// Ready, alive, and nothing left to be taken back: all that check_node() would do is to count it.
bool NodeLifecycle::is_settled(const NodePtr& node, Watched& watched) {
  if (watched.read_from != node) {
    watched.read_from = node;
    bool is_tainted = !node->spec.taints.empty() && current_no_execute(*node) != NoExecute::kNone;
    watched.is_calm = ready_status(*node) == "True" && !is_tainted;
    watched.is_counted = is_counted(*node);
    watched.zone = zone_of(*node);
  }
  if (look_at(*node, watched) || !watched.is_calm) return false;
  return unmarked_.empty() && std::ranges::all_of(zones_, [](const auto& zone) { return zone.second.is_empty(); });
}

// Tells who has come and who has gone since the last pass, and forgets what belonged to those gone.
void NodeLifecycle::fold_membership(const std::map<std::string, NodePtr>& nodes) {
  for (const auto& [name, node] : nodes) {
    auto it = known_.find(name);
    if (it != known_.end() && it->second->metadata.uid == node->metadata.uid) continue;
    events_.event(reference_to(*node), "Normal", "RegisteredNode",
                  fmt::format("Node {} event: Registered Node {} in Controller", name, name),
                  node->metadata.revision());
  }
  for (const auto& [name, node] : known_) {
    auto it = nodes.find(name);
    bool is_same = it != nodes.end() && it->second->metadata.uid == node->metadata.uid;
    if (is_same) continue;
    events_.event(reference_to(*node), "Normal", "RemovingNode",
                  fmt::format("Node {} event: Removing Node {} from Controller", name, name), client::Cause());
    watched_[name].health.reset();
    unmarked_.erase(name);
    zone(zone_of(*node)).remove(name);
  }
  // Nearly always the same names: their newest states, in place.
  bool is_same = known_.size() == nodes.size();
  auto now = nodes.begin();
  for (auto old = known_.begin(); is_same && old != known_.end(); ++old, ++now) {
    is_same = old->first == now->first;
    if (is_same) old->second = now->second;
  }
  if (!is_same) known_ = nodes;
}

// Whether it has been silent for longer than it may.
bool NodeLifecycle::look_at(const api::Node& node, Watched& watched) {
  const auto& options = context_.options;
  GracePeriods grace{options.node_monitor_grace_period, options.node_startup_grace_period};
  static const std::string kNever;
  const auto& renewed = watched.lease ? watched.lease->spec.renewTime : kNever;
  auto verdict = observe(std::move(watched.health), node, renewed, context_.env.clock.wall(), grace);
  watched.health = std::move(verdict.health);
  return verdict.is_stale;
}

awaitable<void> NodeLifecycle::check_node(NodePtr node, std::map<std::string, ZoneCount>* counts) {
  std::string name = node->metadata.name;
  std::string before = ready_status(*node);
  bool was_posted = api::find_condition(node->status.conditions, "Ready") != nullptr;
  NodeOutcome outcome;
  outcome.ready = before;
  bool is_stale = look_at(*node);
  if (is_stale && !unknown_conditions(*node).empty()) {
    auto look_again = [this](const api::Node& live) { return look_at(live); };
    auto written = co_await write_unknown(context_.env, context_.client, name, look_again);
    if (!written) {
      // Nothing is decided about a node that could not be looked at.
      context_.env.log.warning("node {}: {}", name, written.error().message);
      co_return;
    }
    outcome = *written;
  }
  if (is_counted(*node)) {
    auto& count = (*counts)[zone_of(*node)];
    ++(outcome.ready == "True" ? count.ready : count.not_ready);
  }
  if (!was_posted && outcome.revision == 0) co_return;  // still within its startup period
  co_await plan_eviction(node, before);
  co_await follow_up(node, before, outcome);
}

// Decides on the state before this pass, so that a node is queued for its taint one pass after it became Unknown.
awaitable<void> NodeLifecycle::plan_eviction(NodePtr node, std::string ready) {
  if (ready == "True") {
    co_await clear_no_execute(node, node->metadata.revision());
    co_return;
  }
  auto wanted = ready == "False" ? NoExecute::kNotReady : NoExecute::kUnreachable;
  auto current = current_no_execute(*node);
  if (current == wanted) co_return;
  if (current == NoExecute::kNone) {
    zone(zone_of(*node)).add(node->metadata.name);
    co_return;
  }
  auto plan = [wanted](const api::Node& live) { return no_execute_change(live, wanted); };
  auto written = co_await write_taints(context_.env, context_.client, node, plan, node->metadata.revision());
  if (!written) context_.env.log.warning("node {}: {}", node->metadata.name, written.error().message);
}

// The event and the pods, when a Ready node has just become something else; pods again where that failed before.
awaitable<void> NodeLifecycle::follow_up(NodePtr node, std::string before, NodeOutcome outcome) {
  std::string name = node->metadata.name;
  client::Cause cause(outcome.revision);
  bool is_new = before == "True" && outcome.ready != "True";
  if (is_new) {
    events_.event(reference_to(*node), "Normal", "NodeNotReady",
                  fmt::format("Node {} status is now: NodeNotReady", name), cause);
  } else if (!unmarked_.contains(name) || before == "True") {
    unmarked_.erase(name);
    co_return;
  }
  auto marked = co_await mark_pods(context_.informers.pods_by_node.on(name), cause);
  if (marked) {
    unmarked_.erase(name);
  } else {
    unmarked_.insert(name);
    context_.env.log.warning("pods of node {}: {}", name, marked.error().message);
  }
}

// Ready becomes False; phase and container states stay, so the pods still look Running. All are tried; the first error
// is returned.
awaitable<Result<void>> NodeLifecycle::mark_pods(std::map<std::string, PodPtr> pods, client::Cause cause) {
  Result<void> result;
  for (const auto& [key, pod] : pods) {
    const auto* ready = api::find_condition(pod->status.conditions, "Ready");
    if (!ready || ready->status == "False") continue;
    WantedCondition condition;
    condition.type = "Ready";
    condition.status = "False";
    auto patched = co_await patch_pod_status(context_.client, *pod, condition, "", context_.env.clock.wall(), cause);
    if (patched) {
      events_.event(reference_to(*pod), "Warning", "NodeNotReady", "Node is not ready", cause);
    } else if (patched.error().code != 404 && result) {
      result = failure(std::move(patched.error()));
    }
  }
  co_return result;
}

awaitable<void> NodeLifecycle::clear_no_execute(NodePtr node, client::Cause cause) {
  zone(zone_of(*node)).remove(node->metadata.name);
  auto plan = [](const api::Node& live) { return no_execute_change(live, NoExecute::kNone); };
  auto written = co_await write_taints(context_.env, context_.client, node, plan, cause);
  if (!written) context_.env.log.warning("node {}: {}", node->metadata.name, written.error().message);
}

awaitable<void> NodeLifecycle::handle_disruption(std::map<std::string, ZoneCount> counts) {
  auto plan = plan_disruption(zone_states_, counts, rates());
  zone_states_ = plan.states;
  for (const auto& [name, rate] : plan.new_rates) zone(name).set_rate(rate, context_.env.clock.now());
  if (plan.is_everything_down) {
    context_.env.log.warning("no node of any zone is ready: nothing is evicted any more");
    // The fault is then more likely ours than theirs.
    auto nodes = context_.informers.nodes.objects();
    for (const auto& [name, node] : nodes) co_await clear_no_execute(node, client::Cause());
  }
  if (plan.is_something_back) {
    for (auto& [name, watched] : watched_) {
      if (watched.health) watched.health->probe = context_.env.clock.wall();
    }
  }
}

awaitable<void> NodeLifecycle::taint() {
  while (true) {
    bool is_waiting = false;
    for (auto& [name, queue] : zones_) {
      while (auto node = queue.take(context_.env.clock.now())) {
        bool is_done = co_await taint_node(*node);
        if (!is_done) {
          queue.add(*node);
          break;
        }
      }
      is_waiting = is_waiting || queue.is_open();
    }
    if (is_waiting) {
      co_await sleep_for(context_.env, kZonePoll);
    } else {
      co_await zones_changed_.wait();
    }
  }
}

awaitable<bool> NodeLifecycle::taint_node(std::string name) {
  auto node = context_.informers.nodes.find(name);
  if (!node) co_return true;
  auto plan = [](const api::Node& live) {
    auto wanted = wanted_no_execute(live);
    // Ready again: the next pass takes care of what is left.
    return wanted == NoExecute::kNone ? TaintChange() : no_execute_change(live, wanted);
  };
  auto written = co_await write_taints(context_.env, context_.client, node, plan, node->metadata.revision());
  if (!written) context_.env.log.warning("node {}: {}", name, written.error().message);
  co_return written.has_value();
}

awaitable<Result<client::ReconcileResult>> NodeLifecycle::NoScheduleTaints::reconcile(std::string name,
                                                                                      client::Cause cause) {
  auto& context = owner.context_;
  auto node = context.informers.nodes.find(name);
  if (!node) co_return client::ReconcileResult();
  auto plan = [](const api::Node& live) { return no_schedule_change(live); };
  auto written = co_await write_taints(context.env, context.client, node, plan, cause);
  if (!written) co_return failure(std::move(written.error()));
  co_return client::ReconcileResult();
}

awaitable<Result<client::ReconcileResult>> NodeLifecycle::NewPods::reconcile(std::string name, client::Cause cause) {
  auto& informers = owner.context_.informers;
  auto pod = informers.pods.find(name);
  auto node = pod ? informers.nodes.find(pod->spec.nodeName) : nullptr;
  if (!node || wanted_no_execute(*node) == NoExecute::kNone) co_return client::ReconcileResult();
  std::map<std::string, PodPtr> pods;
  pods.emplace(name, pod);
  auto marked = co_await owner.mark_pods(std::move(pods), cause);
  if (!marked) co_return failure(std::move(marked.error()));
  co_return client::ReconcileResult();
}

ZoneQueue& NodeLifecycle::zone(const std::string& name) {
  return zones_.try_emplace(name, context_.options.node_eviction_rate).first->second;
}

EvictionRates NodeLifecycle::rates() const {
  EvictionRates rates;
  rates.normal = context_.options.node_eviction_rate;
  rates.secondary = context_.options.secondary_node_eviction_rate;
  rates.large_zone = context_.options.large_cluster_size_threshold;
  rates.unhealthy_share = context_.options.unhealthy_zone_threshold;
  return rates;
}

}  // namespace kubeloop::controller_manager
