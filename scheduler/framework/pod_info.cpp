#include "scheduler/framework/pod_info.hpp"

namespace kubeloop::scheduler {
namespace {

constexpr std::string_view kEveryAddress = "0.0.0.0";

void collect_ports(const api::Container& container, std::vector<HostPort>& ports) {
  for (const auto& port : container.ports) {
    if (port.hostPort <= 0) continue;
    HostPort found;
    found.protocol = port.protocol.empty() ? "TCP" : port.protocol;
    found.ip = port.hostIP.empty() ? std::string(kEveryAddress) : port.hostIP;
    found.port = port.hostPort;
    ports.push_back(std::move(found));
  }
}

// "nginx" means "nginx:latest"; a colon before the last slash belongs to a port of the registry.
std::string with_tag(const std::string& image) {
  auto colon = image.rfind(':');
  auto slash = image.rfind('/');
  bool has_tag = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return has_tag ? image : image + ":latest";
}

}  // namespace

PodInfo::PodInfo(std::shared_ptr<const api::Pod> p)
    : pod(std::move(p)),
      key(pod->metadata.namespace_ + "/" + pod->metadata.name),
      requests(compute_pod_requests(*pod)),
      priority(pod->spec.priority.value_or(0)) {
  for (const auto& container : pod->spec.containers) collect_ports(container, host_ports);
  for (const auto& container : pod->spec.initContainers) {
    if (container.restartPolicy == "Always") collect_ports(container, host_ports);
    images.push_back(with_tag(container.image));
  }
  for (const auto& container : pod->spec.containers) images.push_back(with_tag(container.image));
}

bool is_conflict(const HostPort& a, const HostPort& b) {
  if (a.port != b.port || a.protocol != b.protocol) return false;
  return a.ip == b.ip || a.ip == kEveryAddress || b.ip == kEveryAddress;
}

}  // namespace kubeloop::scheduler
