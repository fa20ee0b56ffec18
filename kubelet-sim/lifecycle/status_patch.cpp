#include "kubelet-sim/lifecycle/status_patch.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace kubeloop::kubelet_sim {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> kOwnConditions = {"PodReadyToStartContainers", "Initialized", "Ready",
                                                            "ContainersReady", "PodScheduled"};

void put(json& object, const char* name, const std::string& value) {
  if (!value.empty()) object[name] = value;
}

json state_json(const api::ContainerState& state) {
  json result = json::object();
  if (state.waiting) {
    json& waiting = result["waiting"] = json::object();
    put(waiting, "message", state.waiting->message);
    put(waiting, "reason", state.waiting->reason);
  }
  if (state.running) result["running"]["startedAt"] = state.running->startedAt;
  if (state.terminated) {
    const auto& from = *state.terminated;
    json& ended = result["terminated"] = json::object();
    put(ended, "containerID", from.containerID);
    ended["exitCode"] = from.exitCode;
    ended["finishedAt"] = from.finishedAt.empty() ? json() : json(from.finishedAt);
    put(ended, "message", from.message);
    put(ended, "reason", from.reason);
    ended["startedAt"] = from.startedAt.empty() ? json() : json(from.startedAt);
  }
  return result;
}

json containers_json(const std::vector<api::ContainerStatus>& statuses) {
  json list = json::array();
  for (const auto& from : statuses) {
    json one = json::object();
    put(one, "containerID", from.containerID);
    one["image"] = from.image;
    one["imageID"] = from.imageID;
    one["lastState"] = state_json(from.lastState);
    one["name"] = from.name;
    one["ready"] = from.ready;
    one["restartCount"] = from.restartCount;
    one["started"] = from.started.value_or(false);
    one["state"] = state_json(from.state);
    list.push_back(std::move(one));
  }
  return list;
}

json condition_json(const api::Condition& from) {
  json one = json::object();
  one["lastProbeTime"] = nullptr;
  one["lastTransitionTime"] = from.lastTransitionTime;
  put(one, "message", from.message);
  if (from.observedGeneration != 0) one["observedGeneration"] = from.observedGeneration;
  put(one, "reason", from.reason);
  one["status"] = from.status;
  one["type"] = from.type;
  return one;
}

json ips_json(const std::vector<api::PodIP>& ips) {
  json list = json::array();
  for (const auto& from : ips) {
    json one = json::object();
    one["ip"] = from.ip;
    list.push_back(std::move(one));
  }
  return list;
}

// Everything of ours but the conditions.
json fields_json(const api::PodStatus& status) {
  json object = json::object();
  if (!status.containerStatuses.empty()) object["containerStatuses"] = containers_json(status.containerStatuses);
  put(object, "hostIP", status.hostIP);
  if (!status.hostIPs.empty()) object["hostIPs"] = ips_json(status.hostIPs);
  if (!status.initContainerStatuses.empty()) {
    object["initContainerStatuses"] = containers_json(status.initContainerStatuses);
  }
  put(object, "message", status.message);
  if (status.observedGeneration != 0) object["observedGeneration"] = status.observedGeneration;
  put(object, "phase", status.phase);
  put(object, "podIP", status.podIP);
  if (!status.podIPs.empty()) object["podIPs"] = ips_json(status.podIPs);
  put(object, "reason", status.reason);
  put(object, "startTime", status.startTime);
  return object;
}

// What changed from one to the other; null for what is gone.
json difference(const json& before, const json& after) {
  json result = json::object();
  for (const auto& [name, value] : after.items()) {
    if (auto it = before.find(name); it == before.end() || *it != value) result[name] = value;
  }
  for (const auto& [name, value] : before.items()) {
    if (!after.contains(name)) result[name] = nullptr;
  }
  return result;
}

json conditions_difference(const api::PodStatus& before, const api::PodStatus& after) {
  json changed = json::array();
  for (auto type : kOwnConditions) {
    const auto* to = api::find_condition(after.conditions, type);
    if (!to) continue;
    const auto* from = api::find_condition(before.conditions, type);
    json wanted = condition_json(*to);
    if (!from) {
      changed.push_back(std::move(wanted));
      continue;
    }
    json delta = difference(condition_json(*from), wanted);
    if (delta.empty()) continue;
    delta["type"] = to->type;
    changed.push_back(std::move(delta));
  }
  return changed;
}

}  // namespace

bool is_same_status(const api::PodStatus& a, const api::PodStatus& b) {
  return fields_json(a) == fields_json(b) && conditions_difference(a, b).empty() && conditions_difference(b, a).empty();
}

std::string status_patch(const std::string& uid, const api::PodStatus& before, const api::PodStatus& after) {
  json patch = json::object();
  patch["metadata"]["uid"] = uid;
  json status = difference(fields_json(before), fields_json(after));
  if (json changed = conditions_difference(before, after); !changed.empty()) {
    status["conditions"] = std::move(changed);
    json order = json::array();
    for (const auto& condition : after.conditions) {
      json one = json::object();
      one["type"] = condition.type;
      order.push_back(std::move(one));
    }
    status["$setElementOrder/conditions"] = std::move(order);
  }
  patch["status"] = std::move(status);
  return patch.dump();
}

}  // namespace kubeloop::kubelet_sim
