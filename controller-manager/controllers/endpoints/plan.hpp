// What the Endpoints object of a service should look like, and whether it does. Pure. Source: syncService of
// Kubernetes' endpoints controller.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "controller-manager/service_pods.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

inline constexpr const char* kEndpointsManagedByLabel = "endpoints.kubernetes.io/managed-by";
inline constexpr const char* kEndpointsManager = "endpoint-controller";

// Ours: an Endpoints object without it belongs to whoever made it.
bool is_managed_endpoints(const api::Endpoints& endpoints);

struct EndpointsWrite {
  bool is_new = false;  // create; else a JSON merge patch that names the revision it was made from
  std::string body;
};

// `pods`: those that the service selects; `current` is null when there is none; `trigger_time` becomes the annotation
// endpoints.kubernetes.io/last-change-trigger-time. Nothing when all is well.
std::optional<EndpointsWrite> plan_endpoints(const api::Service& service, const std::vector<PodPtr>& pods,
                                             const api::Endpoints* current, std::optional<WallTime> trigger_time);

}  // namespace kubeloop::controller_manager
