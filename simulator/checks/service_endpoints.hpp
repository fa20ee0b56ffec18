// A service's way to its pods: what its EndpointSlices list, and when nobody is reached, where it is broken. Pure.
#pragma once
#include <cstdint>
#include <string>

#include "simulator/checks/cluster_view.hpp"

namespace kubeloop::simulator {

// Whether the slice belongs to that service (by the label kubernetes.io/service-name).
bool is_slice_of(const nlohmann::json& slice, const std::string& namespace_, const std::string& service);
// Its endpoints that are ready for traffic; an endpoint that does not say counts as ready.
std::int64_t count_ready_endpoints(const nlohmann::json& slice);

// "" when a ready pod stands behind the service, else the first thing that is wrong on the way, in one sentence:
// "Service selector is app=web, the pods are labelled app=webs". The view has services, pods and endpointslices.
std::string why_not_reachable(const ClusterView& view, const std::string& namespace_, const std::string& service);

}  // namespace kubeloop::simulator
