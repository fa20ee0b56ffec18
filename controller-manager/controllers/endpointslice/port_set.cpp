#include "controller-manager/controllers/endpointslice/port_set.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "controller-manager/service_pods.hpp"
#include "libs/base/crypto/md5.hpp"

namespace kubeloop::controller_manager {
namespace {

// As Go's spew prints the struct under %#v.
std::string printed(const api::EndpointPort& port) {
  return fmt::format(
      "(v1.EndpointPort){{Name:(*string){} Protocol:(*v1.Protocol){} Port:(*int32){} AppProtocol:(*string){}}}",
      port.name, port.protocol, port.port ? std::to_string(*port.port) : "<nil>",
      port.appProtocol.empty() ? "<nil>" : port.appProtocol);
}

}  // namespace

void sort_ports(std::vector<api::EndpointPort>& ports) {
  if (ports.size() < 2) return;
  std::ranges::sort(ports, {}, [](const auto& port) { return crypto::md5_hex(printed(port)); });
}

std::string port_set_key(std::vector<api::EndpointPort> ports) {
  std::vector<std::string> parts;
  for (const auto& port : ports) parts.push_back(printed(port));
  std::ranges::sort(parts);
  std::string key;
  for (const auto& part : parts) key += part;
  return key;
}

std::vector<api::EndpointPort> ports_for(const api::Service& service, const api::Pod& pod) {
  std::vector<api::EndpointPort> ports;
  for (const auto& wanted : service.spec.ports) {
    auto number = find_port(pod, wanted);
    if (!number) continue;
    auto& port = ports.emplace_back();
    port.name = wanted.name;
    port.protocol = wanted.protocol.empty() ? "TCP" : wanted.protocol;
    port.appProtocol = wanted.appProtocol;
    port.port = *number;
  }
  sort_ports(ports);
  return ports;
}

}  // namespace kubeloop::controller_manager
