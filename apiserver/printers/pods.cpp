#include <array>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 9> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Ready", "string", "", "How many of the pod's containers are ready, and how many there are.", 0},
    {"Status", "string", "", "What the pod and its containers are at, in one word.", 0},
    {"Restarts", "string", "", "How often the containers were started again, and how long ago the last time.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
    {"IP", "string", "", "The pod's first address.", 1},
    {"Node", "string", "", "The node that the pod is bound to.", 1},
    {"Nominated Node", "string", "", "The node that is being cleared for the pod.", 1},
    {"Readiness Gates", "string", "", "How many of the pod's readiness gates are open, and how many there are.", 1},
}};

// What the status algorithm finds out on its way.
struct Summary {
  std::string reason;
  std::int64_t ready = 0;
  std::int64_t total = 0;
  std::int64_t restarts = 0;
  std::optional<WallTime> last_restart;
};

void count_restarts(const json& container, std::int64_t& restarts, std::optional<WallTime>& last) {
  restarts += cells::number(container, {"restartCount"});
  auto finished = api::parse_time(cells::text(container, {"lastState", "terminated", "finishedAt"}));
  if (finished && (!last || *last < *finished)) last = finished;
}

bool is_terminated(const json& container) {
  return cells::at(container, {"state", "terminated"}).is_object();
}

// "Completed", or "Signal:9" and "ExitCode:1" where the runtime gives no reason.
std::string terminated_reason(const json& container) {
  const json& terminated = cells::at(container, {"state", "terminated"});
  std::string reason = cells::text(terminated, {"reason"});
  if (!reason.empty()) return reason;
  std::int64_t signal = cells::number(terminated, {"signal"});
  return signal != 0 ? fmt::format("Signal:{}", signal)
                     : fmt::format("ExitCode:{}", cells::number(terminated, {"exitCode"}));
}

// An init container that keeps running beside the others.
bool is_sidecar(const json& pod, std::string_view name) {
  for (const auto& container : cells::at(pod, {"spec", "initContainers"})) {
    if (cells::text(container, {"name"}) == name) return cells::text(container, {"restartPolicy"}) == "Always";
  }
  return false;
}

std::int64_t count_sidecars(const json& pod) {
  std::int64_t count = 0;
  for (const auto& container : cells::at(pod, {"spec", "initContainers"})) {
    if (cells::text(container, {"restartPolicy"}) == "Always") ++count;
  }
  return count;
}

// What of the init containers concerns the main phase: the sidecars' restarts.
struct Sidecars {
  std::int64_t restarts = 0;
  std::optional<WallTime> last_restart;
};

// Walks the init containers up to the first that is neither done nor a started sidecar; true when there is one.
bool read_init_containers(const json& pod, Summary& summary, Sidecars& sidecars) {
  std::int64_t index = -1;
  for (const auto& container : cells::at(pod, {"status", "initContainerStatuses"})) {
    ++index;
    bool is_beside = is_sidecar(pod, cells::text(container, {"name"}));
    count_restarts(container, summary.restarts, summary.last_restart);
    if (is_beside) count_restarts(container, sidecars.restarts, sidecars.last_restart);
    bool has_ended = is_terminated(container);
    if (has_ended && cells::number(container, {"state", "terminated", "exitCode"}) == 0) continue;
    if (is_beside && cells::flag(container, {"started"})) {
      if (cells::flag(container, {"ready"})) ++summary.ready;
      continue;
    }
    std::string waiting = cells::text(container, {"state", "waiting", "reason"});
    if (has_ended) {
      summary.reason = "Init:" + terminated_reason(container);
    } else if (!waiting.empty() && waiting != "PodInitializing") {
      summary.reason = "Init:" + waiting;
    } else {
      summary.reason = fmt::format("Init:{}/{}", index, cells::size(pod, {"spec", "initContainers"}));
    }
    return true;
  }
  return false;
}

void read_containers(const json& pod, Summary& summary) {
  bool has_running = false;
  std::string error_reason;
  const json& statuses = cells::at(pod, {"status", "containerStatuses"});
  // From the last to the first: the first container's reason is the one that stays.
  for (std::size_t i = statuses.is_array() ? statuses.size() : 0; i-- > 0;) {
    const json& container = statuses[i];
    count_restarts(container, summary.restarts, summary.last_restart);
    std::string waiting = cells::text(container, {"state", "waiting", "reason"});
    if (!waiting.empty()) {
      summary.reason = waiting;
    } else if (is_terminated(container)) {
      summary.reason = terminated_reason(container);
      if (cells::number(container, {"state", "terminated", "exitCode"}) != 0) error_reason = summary.reason;
    } else if (cells::flag(container, {"ready"}) && cells::at(container, {"state", "running"}).is_object()) {
      has_running = true;
      ++summary.ready;
    }
  }
  if (summary.reason != "Completed") return;
  if (has_running && cells::is_true(pod, "Ready")) {
    summary.reason = "Running";
  } else if (!error_reason.empty()) {
    summary.reason = error_reason;
  } else if (has_running) {
    summary.reason = "NotReady";
  }
}

Summary summarise(const json& pod) {
  Summary summary;
  std::string phase = cells::text(pod, {"status", "phase"});
  std::string pod_reason = cells::text(pod, {"status", "reason"});
  summary.reason = pod_reason.empty() ? phase : pod_reason;
  if (cells::text(cells::condition(pod, "PodScheduled"), {"reason"}) == "SchedulingGated") {
    summary.reason = "SchedulingGated";
  }
  summary.total = cells::size(pod, {"spec", "containers"}) + count_sidecars(pod);
  Sidecars sidecars;
  bool is_initializing = read_init_containers(pod, summary, sidecars);
  if (!is_initializing || cells::is_true(pod, "Initialized")) {
    summary.restarts = sidecars.restarts;
    summary.last_restart = sidecars.last_restart;
    read_containers(pod, summary);
  }
  if (!cells::text(pod, {"metadata", "deletionTimestamp"}).empty()) {
    if (pod_reason == "NodeLost") {
      summary.reason = "Unknown";
    } else if (phase != "Succeeded" && phase != "Failed") {
      summary.reason = "Terminating";
    }
  }
  return summary;
}

std::string first_address(const json& pod) {
  for (const auto& address : cells::at(pod, {"status", "podIPs"})) {
    return cells::text_or(address, {"ip"}, cells::kNone);
  }
  return cells::text_or(pod, {"status", "podIP"}, cells::kNone);
}

std::string readiness_gates(const json& pod) {
  std::int64_t gates = cells::size(pod, {"spec", "readinessGates"}), open = 0;
  if (gates == 0) return cells::kNone;
  for (const auto& gate : cells::at(pod, {"spec", "readinessGates"})) {
    if (cells::is_true(pod, cells::text(gate, {"conditionType"}))) ++open;
  }
  return fmt::format("{}/{}", open, gates);
}

// Clients that wait for the end of a pod look at the row's condition.
json conditions(const json& pod) {
  std::string phase = cells::text(pod, {"status", "phase"});
  if (phase != "Succeeded" && phase != "Failed") return nullptr;
  json completed = json::object();
  completed["type"] = "Completed";
  completed["status"] = "True";
  completed["reason"] = phase;
  completed["message"] = phase == "Succeeded" ? "The pod has completed successfully." : "The pod failed.";
  json all = json::array();
  all.push_back(std::move(completed));
  return all;
}

TableRow print(const json& pod, WallTime now) {
  Summary summary = summarise(pod);
  std::string restarts = std::to_string(summary.restarts);
  if (summary.restarts != 0 && summary.last_restart) {
    restarts += fmt::format(" ({} ago)", api::human_duration(now - *summary.last_restart));
  }
  json row = json::array();
  row.push_back(cells::name(pod));
  row.push_back(fmt::format("{}/{}", summary.ready, summary.total));
  row.push_back(summary.reason);
  row.push_back(restarts);
  row.push_back(cells::age(pod, now));
  row.push_back(first_address(pod));
  row.push_back(cells::text_or(pod, {"spec", "nodeName"}, cells::kNone));
  row.push_back(cells::text_or(pod, {"status", "nominatedNodeName"}, cells::kNone));
  row.push_back(readiness_gates(pod));
  return {std::move(row), conditions(pod)};
}

}  // namespace

const TablePrinter kPodPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
