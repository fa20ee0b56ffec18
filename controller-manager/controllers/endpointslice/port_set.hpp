// The ports that a pod offers for a service: what endpoints are grouped by. Pure.
#pragma once
#include <string>
#include <vector>

#include "libs/api/views/pod.hpp"
#include "libs/api/views/service.hpp"

namespace kubeloop::controller_manager {

// In the order in which Kubernetes writes them. A port whose name no container has is left out; a headless service may
// have none. Source: getEndpointPorts in k8s.io/endpointslice.
std::vector<api::EndpointPort> ports_for(const api::Service& service, const api::Pod& pod);

// Equal for equal sets of ports, whatever their order.
std::string port_set_key(std::vector<api::EndpointPort> ports);

// Kubernetes sorts ports by a hash of their printed form (NewPortMapKey in k8s.io/endpointslice): arbitrary, but it
// shows.
void sort_ports(std::vector<api::EndpointPort>& ports);

}  // namespace kubeloop::controller_manager
