#include "simulator/checks/reasons.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "simulator/checks/cluster_view.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

const json* find_condition(const json& object, std::string_view type) {
  const json* conditions = at(object, {"status", "conditions"});
  if (!conditions || !conditions->is_array()) return nullptr;
  for (const auto& condition : *conditions) {
    if (text_at(condition, {"type"}) == type) return &condition;
  }
  return nullptr;
}

std::string reason_and_message(const json& value) {
  std::string reason = text_at(value, {"reason"}), message = text_at(value, {"message"});
  if (message.empty()) return reason;
  return reason.empty() || message.starts_with(reason) ? message : reason + ": " + message;
}

// "container app: ImagePullBackOff: Back-off pulling image ..."
std::string why_container(const json& status) {
  std::string name = "container " + text_at(status, {"name"});
  if (const json* waiting = at(status, {"state", "waiting"})) {
    std::string reason = text_at(*waiting, {"reason"});
    if (reason == "ContainerCreating" || reason == "PodInitializing") return "";
    std::string text = name + ": " + reason_and_message(*waiting);
    const json* code = at(status, {"lastState", "terminated", "exitCode"});
    return code ? text + fmt::format(" (it ended with exit code {})", code->dump()) : text;
  }
  const json* ended = at(status, {"state", "terminated"});
  const json* code = ended ? at(*ended, {"exitCode"}) : nullptr;
  if (!code || *code == 0) return "";
  std::string reason = text_at(*ended, {"reason"});
  return name + " ended with exit code " + code->dump() + (reason.empty() ? "" : " (" + reason + ")");
}

std::string why_containers(const json& pod) {
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    const json* statuses = at(pod, {"status", list});
    if (!statuses || !statuses->is_array()) continue;
    for (const auto& status : *statuses) {
      if (std::string why = why_container(status); !why.empty()) return why;
    }
  }
  return "";
}

std::string why_pod(const json& pod) {
  const json* scheduled = find_condition(pod, "PodScheduled");
  if (scheduled && text_at(*scheduled, {"status"}) == "False") return reason_and_message(*scheduled);
  if (text_at(pod, {"spec", "nodeName"}).empty()) return "no node has been chosen for it yet";
  if (std::string why = why_containers(pod); !why.empty()) return why;
  if (text_at(pod, {"status", "phase"}) == "Failed") return reason_and_message(pod["status"]);
  if (is_terminating(pod)) return "it is being deleted";
  const json* ready = find_condition(pod, "Ready");
  if (ready && text_at(*ready, {"status"}) != "True") return text_at(*ready, {"message"});
  return "";
}

// The message of the first of these conditions that has the status which tells of trouble.
std::string why_conditions(const json& object, std::initializer_list<std::pair<const char*, const char*>> trouble) {
  for (const auto& [type, status] : trouble) {
    const json* condition = find_condition(object, type);
    if (condition && text_at(*condition, {"status"}) == status) return reason_and_message(*condition);
  }
  return "";
}

}  // namespace

bool is_terminating(const json& object) {
  return !text_at(object, {"metadata", "deletionTimestamp"}).empty();
}

bool has_ended(const json& pod) {
  std::string phase = text_at(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed";
}

bool has_condition(const json& object, const std::string& type) {
  const json* condition = find_condition(object, type);
  return condition && text_at(*condition, {"status"}) == "True";
}

bool is_ready_pod(const json& pod) {
  return has_condition(pod, "Ready") && !is_terminating(pod);
}

std::string condition_problem(const json& object, const std::string& condition) {
  auto equals = condition.find('=');
  std::string type = condition.substr(0, equals);
  std::string wanted = equals == std::string::npos ? "True" : condition.substr(equals + 1);
  const json* found = find_condition(object, type);
  if (!found) {
    std::string phase = text_at(object, {"status", "phase"});
    return fmt::format("has no condition {} yet (phase {})", type, phase.empty() ? "none" : phase);
  }
  std::string status = text_at(*found, {"status"});
  if (status == wanted) return "";
  std::string why = text_at(*found, {"message"});
  if (why.empty()) why = text_at(*found, {"reason"});
  return fmt::format("condition {} is {}{}{}, expected {}", type, status, why.empty() ? "" : ": ", why, wanted);
}

std::string why_not(const json& object) {
  std::string kind = text_at(object, {"kind"});
  if (kind == "Pod") return why_pod(object);
  if (kind == "Node") {
    if (auto why = why_conditions(object, {{"Ready", "False"}, {"Ready", "Unknown"}}); !why.empty()) return why;
    return "";
  }
  // ReplicaFailure is of Deployments and ReplicaSets, Failed of Jobs.
  return why_conditions(
      object, {{"ReplicaFailure", "True"}, {"Progressing", "False"}, {"Failed", "True"}, {"Available", "False"}});
}

}  // namespace kubeloop::simulator
