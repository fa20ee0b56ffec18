#include "simulator/scenario/lint/conditions.hpp"

#include <map>

namespace kubeloop::simulator {

bool has_conditions(const api::KindInfo& kind) {
  const auto* status = kind.type ? kind.type->find("status") : nullptr;
  return status && status->type && status->type->find("conditions");
}

const std::vector<std::string>& known_conditions(const std::string& kind) {
  static const std::map<std::string, std::vector<std::string>> kConditions = {
      {"Pod",
       {"ContainersReady", "DisruptionTarget", "Initialized", "PodReadyToStartContainers", "PodResizeInProgress",
        "PodResizePending", "PodScheduled", "Ready"}},
      {"Node", {"DiskPressure", "MemoryPressure", "NetworkUnavailable", "PIDPressure", "Ready"}},
      {"Deployment", {"Available", "Progressing", "ReplicaFailure"}},
      {"ReplicaSet", {"ReplicaFailure"}},
      {"ReplicationController", {"ReplicaFailure"}},
      {"Job", {"Complete", "Failed", "FailureTarget", "SuccessCriteriaMet", "Suspended"}},
      {"PodDisruptionBudget", {"DisruptionAllowed"}},
      {"Namespace",
       {"NamespaceContentRemaining", "NamespaceDeletionContentFailure", "NamespaceDeletionDiscoveryFailure",
        "NamespaceDeletionGroupVersionParsingFailure", "NamespaceFinalizersRemaining"}}};
  static const std::vector<std::string> kAny;
  auto found = kConditions.find(kind);
  return found == kConditions.end() ? kAny : found->second;
}

}  // namespace kubeloop::simulator
