// Since when a service's endpoints have been due to change: the annotation endpoints.kubernetes.io/
// last-change-trigger-time. Remembers what it saw at the last sync of each service; a restart starts anew, as
// Kubernetes' does. Source: TriggerTimeTracker in k8s.io/endpointslice.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller-manager/service_pods.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

inline constexpr const char* kTriggerTimeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

class TriggerTimes {
 public:
  // The earliest of the changes since the last call for this service; at the first call the service's creation. Nothing
  // when no change has a time. `pods` are ordered by name.
  std::optional<WallTime> observe(const api::Service& service, const std::vector<PodPtr>& pods);
  void forget(const std::string& service_key);

 private:
  struct Seen {
    WallTime service;
    // When each pod became ready or not, as written; by name. A vector, because a sync goes through all of it.
    std::vector<std::pair<std::string, std::string>> pods;
  };
  std::map<std::string, Seen> seen_;
};

// As the annotation has it: RFC 3339 in UTC.
std::string trigger_text(WallTime time);

}  // namespace kubeloop::controller_manager
