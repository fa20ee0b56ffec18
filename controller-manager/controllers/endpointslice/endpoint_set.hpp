// The endpoints that a service should have, made from its pods, grouped by the ports they offer. Pure. Source:
// podToEndpoint and EndpointSet in k8s.io/endpointslice.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "controller-manager/service_pods.hpp"
#include "libs/api/views/node.hpp"

namespace kubeloop::controller_manager {

// What makes two endpoints the same one, though conditions may differ.
using EndpointKey = std::string;
EndpointKey key_of_endpoint(const api::Endpoint& endpoint);
// Equal in everything else that is written.
bool is_same_beyond_key(const api::Endpoint& a, const api::Endpoint& b);

struct EndpointGroup {
  std::vector<api::EndpointPort> ports;
  std::map<EndpointKey, api::Endpoint> endpoints;
};

struct EndpointSet {
  std::map<std::string, EndpointGroup> groups;  // by port_set_key
  std::vector<std::string> problems;            // pods left out because their node is unknown; try again
};

// `address_type`: IPv4 or IPv6.
EndpointSet wanted_endpoints(const api::Service& service, const std::vector<PodPtr>& pods,
                             const std::map<std::string, std::shared_ptr<const api::Node>>& nodes,
                             const std::string& address_type);

// The address types of a service, IPv4 first.
std::vector<std::string> address_types(const api::Service& service);

}  // namespace kubeloop::controller_manager
