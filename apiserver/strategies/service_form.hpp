// Questions about the spec of a service that its defaults, its allocation and its validation all ask. Pure. Source:
// Kubernetes' api/service and the strategy of services.
#pragma once
#include <string>
#include <vector>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver::service_form {

std::string type(const Json& spec);
// ClusterIP, NodePort and LoadBalancer have one, be it None.
bool needs_cluster_ip(const Json& spec);
// NodePort and LoadBalancer.
bool may_have_node_ports(const Json& spec);
// Of those: unless a LoadBalancer waives them.
bool needs_node_ports(const Json& spec);
// LoadBalancer with externalTrafficPolicy Local.
bool needs_health_check_port(const Json& spec);
// NodePort, LoadBalancer, and ClusterIP with external addresses.
bool is_reached_from_outside(const Json& spec);
// clusterIPs is [None].
bool is_headless(const Json& spec);

// The strings of a list; none when it is absent.
std::vector<std::string> texts(const Json& list);
// The ports; an empty list when there are none.
const Json& ports(const Json& spec);
bool is_same(const Json& a, const Json& b, const char* name);

}  // namespace kubeloop::apiserver::service_form
