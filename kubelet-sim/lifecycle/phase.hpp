// The pod's phase and conditions out of its spec and its containers' statuses: pure functions. Source: the kubelet's
// getPhase and status/generate.go (v1.35).
#pragma once
#include <string>
#include <vector>

#include "libs/api/views/pod.hpp"

namespace kubeloop::kubelet_sim {

// An init container that goes on running beside the regular ones.
bool is_sidecar(const api::Container& container);
bool is_terminal_phase(const std::string& phase);
const api::ContainerStatus* find_status(const std::vector<api::ContainerStatus>& statuses, const std::string& name);

// `is_terminal`: the pod is being ended, nothing will be started again.
std::string pod_phase(const api::PodSpec& spec, const std::vector<api::ContainerStatus>& init,
                      const std::vector<api::ContainerStatus>& regular, bool is_terminal);

struct ConditionInput {
  const api::Pod& pod;           // spec, generation, and the foreign conditions that readiness gates ask for
  const api::PodStatus& status;  // phase and container statuses as they will be written
  bool is_sandbox_ready;
  const std::vector<api::Condition>& previous;  // as last written: a status that stays keeps its transition time
  std::string now;                              // RFC 3339
};
// The five conditions that the kubelet owns, in its order: PodReadyToStartContainers, Initialized, Ready,
// ContainersReady, PodScheduled.
std::vector<api::Condition> pod_conditions(const ConditionInput& input);

}  // namespace kubeloop::kubelet_sim
