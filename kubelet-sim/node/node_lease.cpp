// The part of NodeAgent that keeps the node's lease. Source: component-helpers apimachinery/lease/controller.go.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "kubelet-sim/node/node_agent.hpp"
#include "libs/api/time.hpp"
#include "libs/base/find_text.hpp"

namespace kubeloop::kubelet_sim {
namespace {

using nlohmann::json;

constexpr const char* kLeaseNamespace = "kube-node-lease";
constexpr int kRenewAttempts = 5;

// Where the only `text` in `document` begins; npos when it is not there or there are several.
std::size_t find_only(std::string_view document, std::string_view text) {
  auto at = find_text(document, text);
  if (at != std::string::npos && find_text(document, text, at + 1) != std::string::npos) return std::string::npos;
  return at;
}

// The lease with another time, and held by the node; "" when it cannot be read. Nearly always only the time is another:
// then it is put in the old one's place.
std::string renewed(const std::string& lease, const std::string& holder, const std::string& now) {
  constexpr std::string_view kTime = "\"renewTime\":\"";
  auto at = find_only(lease, kTime);
  bool is_ours = find_only(lease, "\"holderIdentity\":\"" + holder + "\"") != std::string::npos;
  if (at != std::string::npos && is_ours) {
    auto end = lease.find('"', at + kTime.size());
    auto old = std::string_view(lease).substr(at + kTime.size(), end - at - kTime.size());
    if (end != std::string::npos && api::parse_time(old)) {
      return lease.substr(0, at + kTime.size()) + now + lease.substr(end);
    }
  }
  json document = json::parse(lease, nullptr, false);
  if (!document.is_object()) return "";
  document["spec"]["holderIdentity"] = holder;
  document["spec"]["renewTime"] = now;
  return document.dump();
}

}  // namespace

std::string NodeAgent::lease_object() const {
  json lease = json::object();
  lease["apiVersion"] = "coordination.k8s.io/v1";
  lease["kind"] = "Lease";
  lease["metadata"]["name"] = context_.profile.name;
  lease["metadata"]["namespace"] = kLeaseNamespace;
  if (node_) {
    json owner = json::object();
    owner["apiVersion"] = "v1";
    owner["kind"] = "Node";
    owner["name"] = context_.profile.name;
    owner["uid"] = node_->metadata.uid;
    lease["metadata"]["ownerReferences"].push_back(std::move(owner));
  }
  lease["spec"]["holderIdentity"] = context_.profile.name;
  lease["spec"]["leaseDurationSeconds"] =
      std::chrono::duration_cast<std::chrono::seconds>(context_.timings.lease_duration).count();
  lease["spec"]["renewTime"] = api::format_micro_time(context_.env.clock.wall());
  return lease.dump();
}

awaitable<void> NodeAgent::keep_lease() {
  co_await ensure_lease();
  // The nodes' renewals are spread over the period.
  auto period_ms = std::chrono::duration_cast<std::chrono::milliseconds>(context_.timings.lease_renew).count();
  Rng rng = context_.env.rng.fork("lease");
  Instant next =
      context_.env.clock.now() + std::chrono::milliseconds(1 + rng.below(static_cast<std::uint64_t>(period_ms)));
  for (;;) {
    co_await sleep_until(context_.env, next);
    co_await renew_lease();
    next = std::max(next + context_.timings.lease_renew, context_.env.clock.now());
  }
}

awaitable<void> NodeAgent::ensure_lease() {
  Duration delay = context_.timings.lease_retry_first;
  for (;;) {
    std::string body = lease_object();
    auto created = co_await context_.client.create(api::kLeases, kLeaseNamespace, std::move(body), client::Cause());
    if (created) {
      lease_ = std::move(*created);
      co_return;
    }
    if (created.error().code == 409) {
      // Ours from before: renewed at once, or the node would be taken for dead until the next period.
      lease_.clear();
      co_await renew_lease();
      co_return;
    }
    co_await sleep_for(context_.env, delay);
    delay = std::min(delay * 2, context_.timings.lease_retry_last);
  }
}

awaitable<void> NodeAgent::renew_lease() {
  const auto& name = context_.profile.name;
  for (int attempt = 0; attempt < kRenewAttempts; ++attempt) {
    if (lease_.empty()) {
      auto found = co_await context_.client.get(api::kLeases, kLeaseNamespace, name, client::Cause());
      if (!found && found.error().code == 404) {
        std::string body = lease_object();
        auto created = co_await context_.client.create(api::kLeases, kLeaseNamespace, std::move(body), client::Cause());
        if (created) lease_ = std::move(*created);
        co_return;
      }
      if (!found) co_return;
      lease_ = std::move(*found);
    }
    std::string body = renewed(lease_, name, api::format_micro_time(context_.env.clock.wall()));
    if (body.empty()) {
      lease_.clear();
      continue;
    }
    auto updated =
        co_await context_.client.update(api::kLeases, kLeaseNamespace, name, std::move(body), client::Cause());
    if (updated) {
      lease_ = std::move(*updated);
      co_return;
    }
    if (updated.error().code != 409 && updated.error().code != 404) {
      context_.env.log.warning("lease of node {}: {}", name, updated.error().message);
      co_return;
    }
    lease_.clear();
  }
}

}  // namespace kubeloop::kubelet_sim
