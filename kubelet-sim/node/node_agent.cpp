#include "kubelet-sim/node/node_agent.hpp"

#include <algorithm>

#include "kubelet-sim/node/node_status.hpp"
#include "libs/api/codec/view.hpp"

namespace kubeloop::kubelet_sim {
namespace {

constexpr int kStatusAttempts = 5;  // nodeStatusUpdateRetry

}  // namespace

NodeAgent::NodeAgent(Env env, const NodeProfile& profile, const Timings& timings, Runtime& runtime,
                     const client::ApiClient& process_client, NodePods::LastSeen& last_seen)
    : context_(std::move(env), profile, timings, runtime, process_client), pods_(context_, last_seen) {}

void NodeAgent::start() {
  started_at_ = context_.env.clock.now();
  context_.tasks.spawn("node " + context_.profile.name, run());
}

void NodeAgent::on_node(NodePtr node) {
  if (node && node_ && node->metadata.uid == node_->metadata.uid &&
      node->metadata.revision() < node_->metadata.revision()) {
    return;  // an answer to our own write was newer
  }
  node_ = std::move(node);
  pods_.set_node(node_);
}

// Takes the node out of the answer to one of our writes.
void NodeAgent::take(const std::string& body) {
  auto view = api::decode_view<api::Node>(body);
  if (view) on_node(std::make_shared<const api::Node>(std::move(*view)));
}

awaitable<void> NodeAgent::run() {
  co_await register_node();
  event("Starting", "Starting kubelet.");
  for (const char* reason : {"NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"}) {
    event(reason, "Node " + context_.profile.name + " status is now: " + reason);
  }
  event("NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
  context_.tasks.spawn("lease " + context_.profile.name, keep_lease());
  co_await keep_status();
}

awaitable<void> NodeAgent::register_node() {
  Duration delay = context_.timings.registration_retry_first;
  for (;;) {
    bool is_registered = co_await try_register();
    if (is_registered) co_return;
    co_await sleep_for(context_.env, delay);
    delay = std::min(delay * 2, context_.timings.registration_retry_last);
  }
}

awaitable<bool> NodeAgent::try_register() {
  const auto& name = context_.profile.name;
  auto& clock = context_.env.clock;
  std::string body = node_object(context_.profile, context_.runtime.images(name), clock.now(), clock.wall());
  auto created = co_await context_.client.create(api::kNodes, "", std::move(body), client::Cause());
  if (created) {
    told_facts_ = node_facts(context_.profile, context_.runtime.images(name), clock.now());
    take(*created);
    co_return true;
  }
  if (created.error().code != 409) {
    context_.env.log.warning("cannot register node {}: {}", name, created.error().message);
    co_return false;
  }
  auto found = co_await context_.client.get(api::kNodes, "", name, client::Cause());
  if (!found) co_return false;
  take(*found);
  if (!node_) co_return false;
  std::string missing = node_labels_patch(context_.profile, *node_);
  if (missing.empty()) co_return true;
  client::Cause cause(node_->metadata.revision());
  auto patched = co_await context_.client.patch(api::kNodes, "", name, client::PatchType::kStrategicMerge,
                                                std::move(missing), cause, "status");
  if (patched) take(*patched);
  co_return patched.has_value();
}

// Until the node was Ready once it is looked at often; then every status period, from a point of the node's own.
awaitable<void> NodeAgent::keep_status() {
  const auto& timings = context_.timings;
  while (!was_ready_) {
    Instant next = context_.env.clock.now() + timings.node_ready_check;
    if (context_.env.clock.now() - started_at_ >= timings.runtime_startup) co_await sync_status();
    co_await sleep_until(context_.env, next);
  }
  auto period_ms = std::chrono::duration_cast<std::chrono::milliseconds>(timings.node_status_update).count();
  Rng rng = context_.env.rng.fork("status");
  Instant next =
      context_.env.clock.now() + std::chrono::milliseconds(rng.below(static_cast<std::uint64_t>(period_ms) + 1));
  for (;;) {
    co_await sleep_until(context_.env, next);
    co_await sync_status();
    next = std::max(next + timings.node_status_update, context_.env.clock.now());
  }
}

// Computes the status; sends it when something other than the heartbeat times changed, or when it is time for a report.
awaitable<void> NodeAgent::sync_status() {
  auto& clock = context_.env.clock;
  tell_schedulable();
  // The last look at this node and these images found nothing to tell: neither would this one.
  auto images = images_present();
  bool is_settled = was_ready_ && node_ && node_ == settled_node_ && images == settled_images_;
  if (is_settled && clock.now() - reported_at_ < context_.timings.node_status_report) co_return;
  for (int attempt = 0; attempt < kStatusAttempts; ++attempt) {
    std::vector<api::Condition> before;
    if (node_) before = node_->status.conditions;
    auto conditions = node_conditions(before, true, clock.wall());
    if (facts_.empty() || images != facts_images_) {
      facts_ = node_facts(context_.profile, context_.runtime.images(context_.profile.name), clock.now());
      facts_images_ = images;
    }
    std::string facts = facts_;
    bool has_changed = facts != told_facts_ || have_conditions_changed(before, conditions);
    bool is_report_due = clock.now() - reported_at_ >= context_.timings.node_status_report;
    if (was_ready_ && !has_changed && !is_report_due) {
      settled_node_ = node_;
      settled_images_ = images;
      co_return;
    }
    auto sent = co_await send_status(conditions, facts);
    if (sent) {
      const auto* ready = api::find_condition(before, "Ready");
      if (ready && ready->status != "True") {
        event("NodeReady", "Node " + context_.profile.name + " status is now: NodeReady");
      }
      was_ready_ = true;
      reported_at_ = clock.now();
      co_return;
    }
    if (sent.error().code != 409) {
      context_.env.log.warning("status of node {}: {}", context_.profile.name, sent.error().message);
      co_return;
    }
  }
}

// A node's images only ever become more.
std::size_t NodeAgent::images_present() const {
  Instant now = context_.env.clock.now();
  std::size_t count = 0;
  for (const auto& [name, image] : context_.runtime.images(context_.profile.name)) {
    count += image.present_from <= now ? 1 : 0;
  }
  return count;
}

awaitable<Result<void>> NodeAgent::send_status(const std::vector<api::Condition>& conditions,
                                               const std::string& facts) {
  std::string body = node_status_patch(told_facts_, facts, conditions);
  std::string told = facts;
  auto answer =
      co_await context_.client.patch(api::kNodes, "", context_.profile.name, client::PatchType::kStrategicMerge,
                                     std::move(body), client::Cause(), "status");
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  told_facts_ = std::move(told);
  take(*answer);
  co_return Result<void>();
}

void NodeAgent::tell_schedulable() {
  if (!node_ || node_->spec.unschedulable == is_cordoned_) return;
  is_cordoned_ = node_->spec.unschedulable;
  std::string reason = is_cordoned_ ? "NodeNotSchedulable" : "NodeSchedulable";
  event(reason, "Node " + context_.profile.name + " status is now: " + reason);
}

// Node events carry the node's name as uid: kubectl describe looks for both.
void NodeAgent::event(std::string reason, std::string message) {
  api::ObjectReference about;
  about.kind = "Node";
  about.name = context_.profile.name;
  about.uid = context_.profile.name;
  context_.events.event(about, "Normal", std::move(reason), std::move(message), client::Cause());
}

}  // namespace kubeloop::kubelet_sim
