#include "controller-manager/controllers/node-ipam/reconciler.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "controller-manager/references.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr int kTriesBeforeEvent = 3;

std::string cidr_patch(const api::Node& node, const std::string& cidr) {
  auto patch = nlohmann::json::object();
  patch["metadata"]["uid"] = node.metadata.uid;
  patch["spec"]["podCIDR"] = cidr;
  patch["spec"]["podCIDRs"] = nlohmann::json::array();
  patch["spec"]["podCIDRs"].push_back(cidr);
  return patch.dump();
}

std::string status_text(const std::string& node, std::string_view reason) {
  return fmt::format("Node {} status is now: {}", node, reason);
}

}  // namespace

NodeIpam::NodeIpam(ControllerContext context)
    : context_(std::move(context)),
      events_(context_.env.child("events"), context_.tasks, context_.client, "cidrAllocator", ""),
      queue_(context_.env.child("queue")) {
  auto pool = CidrPool::make(context_.options.cluster_cidr, context_.options.node_cidr_mask_size);
  if (!pool) {
    context_.env.log.error("no pod addresses are given: {}", pool.error().message);
    return;
  }
  pool_ = std::move(*pool);
  auto services = parse_network(context_.options.service_cluster_ip_range);
  if (services) pool_->occupy(*services);
  context_.informers.nodes.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_node(before, after, revision); });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> NodeIpam::queues() const {
  return {{"cidrAllocator", &queue_}};
}

awaitable<void> NodeIpam::run() {
  if (!pool_) co_return;
  co_await context_.informers.nodes.wait_until_synced();
  co_await client::run_reconciler(context_.env, queue_, *this);
}

void NodeIpam::fold_node(const std::shared_ptr<const api::Node>& before, const std::shared_ptr<const api::Node>& after,
                         client::Cause cause) {
  if (!after) {
    for (const auto& cidr : before->spec.podCIDRs) {
      auto network = parse_network(cidr);
      if (network) pool_->release(*network);
    }
    release_reserved(before->metadata.name);
    failures_.erase(before->metadata.name);
    return;
  }
  if (after->spec.podCIDRs.empty()) return queue_.add(after->metadata.name, cause);
  release_reserved(after->metadata.name);
  for (const auto& cidr : after->spec.podCIDRs) {
    auto network = parse_network(cidr);
    if (!network || !pool_->occupy(*network)) {
      context_.env.log.warning("node {}: {} is no part of {}", after->metadata.name, cidr,
                               context_.options.cluster_cidr);
    }
  }
}

void NodeIpam::release_reserved(const std::string& node) {
  auto it = reserved_.find(node);
  if (it == reserved_.end()) return;
  pool_->release(it->second);
  reserved_.erase(it);
}

awaitable<Result<client::ReconcileResult>> NodeIpam::reconcile(std::string name, client::Cause cause) {
  auto node = context_.informers.nodes.find(name);
  if (!node || !node->spec.podCIDRs.empty()) co_return client::ReconcileResult();
  // A range whose write failed stays with its node: the hub may have taken it after all.
  auto it = reserved_.find(name);
  if (it == reserved_.end()) {
    auto network = pool_->allocate();
    if (!network) {
      events_.event(reference_to(*node), "Normal", "CIDRNotAvailable", status_text(name, "CIDRNotAvailable"), cause);
      co_return failure(500, "InternalError", "no pod address range is free");
    }
    it = reserved_.emplace(name, *network).first;
  }
  std::string body = cidr_patch(*node, to_string(it->second));
  auto patched =
      co_await context_.client.patch(api::kNodes, "", name, client::PatchType::kStrategicMerge, std::move(body), cause);
  if (patched) {
    failures_.erase(name);
    co_return client::ReconcileResult();
  }
  // Deleted meanwhile, or deleted and made again: the informer's news frees the range.
  if (patched.error().code == 404) co_return client::ReconcileResult();
  if (++failures_[name] == kTriesBeforeEvent) {
    events_.event(reference_to(*node), "Normal", "CIDRAssignmentFailed", status_text(name, "CIDRAssignmentFailed"),
                  cause);
  }
  co_return failure(std::move(patched.error()));
}

}  // namespace kubeloop::controller_manager
