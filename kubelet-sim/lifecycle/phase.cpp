#include "kubelet-sim/lifecycle/phase.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace kubeloop::kubelet_sim {
namespace {

struct Tally {
  int pending_init = 0, failed_init = 0;
  int waiting = 0, running = 0, stopped = 0, succeeded = 0, unknown = 0;
  bool has_regular_started = false;
};

void count_init(Tally& tally, const api::Container& container, const api::ContainerStatus* status) {
  if (!status) {
    ++tally.pending_init;
    return;
  }
  const auto& state = status->state;
  if (is_sidecar(container)) {
    bool is_started = status->started.value_or(false);
    if (state.running ? !is_started : !state.terminated && !status->lastState.terminated) ++tally.pending_init;
    return;
  }
  const auto* ended = state.terminated ? &*state.terminated : nullptr;
  if (!ended && state.waiting && status->lastState.terminated) ended = &*status->lastState.terminated;
  if (!ended)
    ++tally.pending_init;
  else if (ended->exitCode != 0)
    ++tally.failed_init;
}

void count_regular(Tally& tally, const api::ContainerStatus* status) {
  if (!status) {
    ++tally.unknown;
    return;
  }
  const auto& state = status->state;
  if (state.running) {
    ++tally.running;
    tally.has_regular_started = true;
  } else if (state.terminated) {
    ++tally.stopped;
    tally.has_regular_started = true;
    if (state.terminated->exitCode == 0) ++tally.succeeded;
  } else if (status->lastState.terminated) {
    ++tally.stopped;
    tally.has_regular_started = true;
  } else {
    ++tally.waiting;
  }
}

api::Condition condition(std::string type, bool is_true, std::string reason = "", std::string message = "") {
  api::Condition result;
  result.type = std::move(type);
  result.status = is_true ? "True" : "False";
  result.reason = std::move(reason);
  result.message = std::move(message);
  return result;
}

std::string name_list(const std::vector<std::string>& names) {
  return fmt::format("[{}]", fmt::join(names, " "));
}

// What ContainersNotReady and ContainersNotInitialized say.
std::string incomplete_text(const std::vector<std::string>& unknown, const std::vector<std::string>& unready,
                            std::string_view unready_word) {
  std::vector<std::string> parts;
  if (!unknown.empty()) parts.push_back("containers with unknown status: " + name_list(unknown));
  if (!unready.empty()) parts.push_back(fmt::format("containers with {} status: {}", unready_word, name_list(unready)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

api::Condition initialized(const ConditionInput& input) {
  const auto& spec = input.pod.spec;
  const auto& status = input.status;
  std::vector<std::string> unknown, unready;
  for (const auto& container : spec.initContainers) {
    const auto* found = find_status(status.initContainerStatuses, container.name);
    if (!found)
      unknown.push_back(container.name);
    else if (is_sidecar(container) ? !found->started.value_or(false) : !found->ready)
      unready.push_back(container.name);
  }
  if (status.phase == "Succeeded" && unknown.empty()) return condition("Initialized", true, "PodCompleted");
  bool has_started = std::ranges::any_of(status.containerStatuses, [](const auto& one) {
    return one.state.running || one.state.terminated || one.lastState.terminated;
  });
  // A regular container that has run proves that all was initialised once.
  if (has_started && status.phase != "Failed") return condition("Initialized", true);
  auto text = incomplete_text(unknown, unready, "incomplete");
  return text.empty() ? condition("Initialized", true)
                      : condition("Initialized", false, "ContainersNotInitialized", text);
}

api::Condition containers_ready(const ConditionInput& input) {
  const auto& spec = input.pod.spec;
  const auto& status = input.status;
  std::vector<std::string> unknown, unready;
  auto look = [&](const api::Container& container, const std::vector<api::ContainerStatus>& statuses) {
    const auto* found = find_status(statuses, container.name);
    if (!found)
      unknown.push_back(container.name);
    else if (!found->ready)
      unready.push_back(container.name);
  };
  for (const auto& container : spec.initContainers) {
    if (is_sidecar(container)) look(container, status.initContainerStatuses);
  }
  for (const auto& container : spec.containers) look(container, status.containerStatuses);
  if (status.phase == "Succeeded" && unknown.empty()) return condition("ContainersReady", false, "PodCompleted");
  if (status.phase == "Failed" && unknown.empty()) return condition("ContainersReady", false, "PodFailed");
  auto text = incomplete_text(unknown, unready, "unready");
  return text.empty() ? condition("ContainersReady", true)
                      : condition("ContainersReady", false, "ContainersNotReady", text);
}

api::Condition ready(const ConditionInput& input, const api::Condition& containers) {
  if (containers.status != "True") return condition("Ready", false, containers.reason, containers.message);
  std::vector<std::string> missing;
  for (const auto& gate : input.pod.spec.readinessGates) {
    const auto* found = api::find_condition(input.pod.status.conditions, gate.conditionType);
    if (!found) {
      missing.push_back(
          fmt::format("corresponding condition of pod readiness gate \"{}\" does not exist.", gate.conditionType));
    } else if (found->status != "True") {
      missing.push_back(fmt::format("the status of pod readiness gate \"{}\" is not \"True\", but {}",
                                    gate.conditionType, found->status));
    }
  }
  if (missing.empty()) return condition("Ready", true);
  return condition("Ready", false, "ReadinessGatesNotReady", fmt::format("{}", fmt::join(missing, ", ")));
}

}  // namespace

bool is_sidecar(const api::Container& container) {
  return container.restartPolicy == "Always";
}

bool is_terminal_phase(const std::string& phase) {
  return phase == "Succeeded" || phase == "Failed";
}

const api::ContainerStatus* find_status(const std::vector<api::ContainerStatus>& statuses, const std::string& name) {
  auto it = std::ranges::find(statuses, name, &api::ContainerStatus::name);
  return it == statuses.end() ? nullptr : &*it;
}

std::string pod_phase(const api::PodSpec& spec, const std::vector<api::ContainerStatus>& init,
                      const std::vector<api::ContainerStatus>& regular, bool is_terminal) {
  Tally tally;
  for (const auto& container : spec.initContainers) count_init(tally, container, find_status(init, container.name));
  for (const auto& container : spec.containers) count_regular(tally, find_status(regular, container.name));

  if (tally.failed_init > 0 && spec.restartPolicy == "Never") return "Failed";
  if ((tally.pending_init > 0 && !tally.has_regular_started) || tally.waiting > 0) return "Pending";
  if (tally.running > 0 && tally.unknown == 0) return "Running";
  if (tally.running == 0 && tally.stopped > 0 && tally.unknown == 0) {
    bool have_all_succeeded = tally.stopped == tally.succeeded;
    if (is_terminal) return have_all_succeeded ? "Succeeded" : "Failed";
    if (spec.restartPolicy == "Always" || spec.restartPolicy.empty()) return "Running";
    if (have_all_succeeded) return "Succeeded";
    return spec.restartPolicy == "Never" ? "Failed" : "Running";
  }
  return "Pending";
}

std::vector<api::Condition> pod_conditions(const ConditionInput& input) {
  std::vector<api::Condition> result;
  result.push_back(condition("PodReadyToStartContainers", input.is_sandbox_ready));
  result.push_back(initialized(input));
  auto containers = containers_ready(input);
  result.push_back(ready(input, containers));
  result.push_back(std::move(containers));
  result.push_back(condition("PodScheduled", true));
  for (auto& one : result) {
    const auto* before = api::find_condition(input.previous, one.type);
    one.lastTransitionTime = before && before->status == one.status ? before->lastTransitionTime : input.now;
    one.observedGeneration = input.pod.metadata.generation;
  }
  return result;
}

}  // namespace kubeloop::kubelet_sim
