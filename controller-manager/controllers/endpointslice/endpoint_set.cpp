#include "controller-manager/controllers/endpointslice/endpoint_set.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "controller-manager/controllers/endpointslice/port_set.hpp"
#include "controller-manager/owned_pods.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr const char* kZoneLabel = "topology.kubernetes.io/zone";

api::Endpoint make_endpoint(const api::Service& service, const api::Pod& pod, const api::Node* node,
                            const std::string& address) {
  bool is_serving = is_ready(pod);
  bool is_going = !pod.metadata.deletionTimestamp.empty();
  api::Endpoint endpoint;
  endpoint.addresses = {address};
  endpoint.conditions.ready = service.spec.publishNotReadyAddresses || (is_serving && !is_going);
  endpoint.conditions.serving = is_serving;
  endpoint.conditions.terminating = is_going;
  endpoint.hostname = published_hostname(pod, service);
  endpoint.nodeName = pod.spec.nodeName;
  if (node) {
    auto zone = node->metadata.labels.find(kZoneLabel);
    if (zone != node->metadata.labels.end()) endpoint.zone = zone->second;
  }
  auto& target = endpoint.targetRef.emplace();
  target.kind = "Pod";
  target.namespace_ = pod.metadata.namespace_;
  target.name = pod.metadata.name;
  target.uid = pod.metadata.uid;
  return endpoint;
}

bool is_same_target(const std::optional<api::ObjectReference>& a, const std::optional<api::ObjectReference>& b) {
  if (!a || !b) return !a && !b;
  return a->kind == b->kind && a->namespace_ == b->namespace_ && a->name == b->name && a->uid == b->uid;
}

}  // namespace

EndpointKey key_of_endpoint(const api::Endpoint& endpoint) {
  EndpointKey key;
  for (const auto& address : endpoint.addresses) (key += address) += ' ';
  (key += '/') += endpoint.hostname;
  if (!endpoint.targetRef) return key;
  (key += '/') += endpoint.targetRef->namespace_;
  (key += '/') += endpoint.targetRef->name;
  return key;
}

bool is_same_beyond_key(const api::Endpoint& a, const api::Endpoint& b) {
  return a.nodeName == b.nodeName && a.zone == b.zone && a.conditions.ready == b.conditions.ready &&
         a.conditions.serving == b.conditions.serving && a.conditions.terminating == b.conditions.terminating &&
         is_same_target(a.targetRef, b.targetRef);
}

EndpointSet wanted_endpoints(const api::Service& service, const std::vector<PodPtr>& pods,
                             const std::map<std::string, std::shared_ptr<const api::Node>>& nodes,
                             const std::string& address_type) {
  EndpointSet set;
  // Ports by number are the same for all pods.
  bool has_names = std::ranges::any_of(service.spec.ports, [](const auto& port) { return !fixed_port(port); });
  EndpointGroup* last = nullptr;
  for (const auto& pod : pods) {
    if (!is_published(*pod, true)) continue;
    if (!last || has_names) {
      auto ports = ports_for(service, *pod);
      last = &set.groups[port_set_key(ports)];
      last->ports = std::move(ports);
    }
    EndpointGroup& group = *last;
    auto node = nodes.find(pod->spec.nodeName);
    if (node == nodes.end() && !service.spec.publishNotReadyAddresses) {
      set.problems.push_back(fmt::format("skipping Pod {} for Service {}/{}: Node {} Not Found", pod->metadata.name,
                                         service.metadata.namespace_, service.metadata.name, pod->spec.nodeName));
      continue;
    }
    auto address = address_of(*pod, address_type == "IPv6");
    if (address.empty()) continue;
    auto endpoint = make_endpoint(service, *pod, node == nodes.end() ? nullptr : node->second.get(), address);
    auto key = key_of_endpoint(endpoint);
    group.endpoints.emplace(std::move(key), std::move(endpoint));
  }
  return set;
}

std::vector<std::string> address_types(const api::Service& service) {
  std::vector<std::string> types;
  for (std::string family : {"IPv4", "IPv6"}) {
    if (std::ranges::find(service.spec.ipFamilies, family) != service.spec.ipFamilies.end()) types.push_back(family);
  }
  if (!types.empty()) return types;
  if (is_headless(service)) return {"IPv4", "IPv6"};
  return {is_ipv6_address(service.spec.clusterIP) ? "IPv6" : "IPv4"};
}

}  // namespace kubeloop::controller_manager
