// What a pod asks for and may use at most, summed over its containers as Kubernetes does it for quotas and limit
// ranges. Pure. Source: component-helpers resource.PodRequests and PodLimits.
#pragma once
#include "libs/api/quota/amounts.hpp"
#include "libs/api/views/pod.hpp"

namespace kubeloop::api {

// max(sum of containers and sidecars, each init container with the sidecars before it), replaced by what the pod itself
// is given, plus overhead.
Amounts pod_requests(const Pod& pod);
// The same of the limits; overhead is added to what is limited at all.
Amounts pod_limits(const Pod& pod);

}  // namespace kubeloop::api
