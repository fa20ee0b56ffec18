#include "controller-manager/controllers/node-lifecycle/health_plan.hpp"

#include "libs/api/time.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::controller_manager {
namespace {

bool is_later(const std::string& renewed, const std::string& known) {
  if (renewed == known) return false;
  auto later = api::parse_time(renewed);
  auto earlier = api::parse_time(known);
  return later && (!earlier || *later > *earlier);
}

}  // namespace

HealthVerdict observe(std::optional<NodeHealth> known, const api::Node& node, const std::string& renew_time,
                      WallTime now, const GracePeriods& grace) {
  const auto* ready = api::find_condition(node.status.conditions, "Ready");
  HealthVerdict verdict;
  NodeHealth& health = verdict.health;
  if (known) {
    health = std::move(*known);
    bool has_moved = ready && health.had_ready && ready->lastHeartbeatTime != health.ready_heartbeat;
    if (has_moved || health.had_ready != (ready != nullptr)) health.probe = now;
  } else {
    // A node that never posted a status is counted from its creation, everything else from now: after a restart each
    // gets a full period.
    health.probe = ready ? now : api::parse_time(node.metadata.creationTimestamp).value_or(now);
  }
  health.had_ready = ready != nullptr;
  if (!ready) {
    health.ready_heartbeat.clear();
  } else if (health.ready_heartbeat != ready->lastHeartbeatTime) {
    health.ready_heartbeat = ready->lastHeartbeatTime;
  }
  if (is_later(renew_time, health.renew_time)) {
    health.renew_time = renew_time;
    health.probe = now;
  }
  Duration lasts = ready ? grace.monitor : grace.startup;
  if (is_planted("node-unreachable-too-early")) lasts /= 4;
  verdict.is_stale = now > health.probe + lasts;
  return verdict;
}

std::vector<ConditionChange> unknown_conditions(const api::Node& node) {
  std::vector<ConditionChange> changes;
  const auto* ready = api::find_condition(node.status.conditions, "Ready");
  if (ready && ready->status == "Unknown") return changes;
  for (std::string_view type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
    const auto* current = api::find_condition(node.status.conditions, type);
    if (current && current->status == "Unknown") continue;
    ConditionChange change;
    change.type = type;
    change.is_new = current == nullptr;
    change.reason = current ? "NodeStatusUnknown" : "NodeStatusNeverUpdated";
    change.message = current ? "Kubelet stopped posting node status." : "Kubelet never posted node status.";
    changes.push_back(std::move(change));
  }
  return changes;
}

std::string ready_status(const api::Node& node) {
  const auto* ready = api::find_condition(node.status.conditions, "Ready");
  return ready ? ready->status : "Unknown";
}

}  // namespace kubeloop::controller_manager
