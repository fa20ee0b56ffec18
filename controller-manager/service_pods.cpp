#include "controller-manager/service_pods.hpp"

#include <algorithm>
#include <charconv>

#include "controller-manager/in_namespace.hpp"
#include "controller-manager/owned_pods.hpp"
#include "libs/client/informer.hpp"

namespace kubeloop::controller_manager {
namespace {

void add_services_of(const std::map<std::string, ServicePtr>& services, const api::Pod& pod,
                     std::set<std::string>& keys) {
  for (const auto& [key, service] : in_namespace(services, pod.metadata.namespace_)) {
    if (selects(*service, pod)) keys.insert(key);
  }
}

std::vector<std::string> addresses(const api::Pod& pod) {
  std::vector<std::string> result;
  for (const auto& address : pod.status.podIPs) result.push_back(address.ip);
  if (result.empty() && !pod.status.podIP.empty()) result.push_back(pod.status.podIP);
  return result;
}

// What an endpoint shows of a pod, besides what never changes.
bool shows_the_same(const api::Pod& a, const api::Pod& b) {
  return a.metadata.deletionTimestamp.empty() == b.metadata.deletionTimestamp.empty() && is_ready(a) == is_ready(b) &&
         a.is_terminal() == b.is_terminal() && addresses(a) == addresses(b);
}

bool belongs_to_the_same(const api::Pod& a, const api::Pod& b) {
  return a.metadata.labels == b.metadata.labels && a.spec.hostname == b.spec.hostname &&
         a.spec.subdomain == b.spec.subdomain;
}

bool is_named(const api::ContainerPort& port, const api::ServicePort& wanted) {
  auto protocol = [](const std::string& p) { return p.empty() ? std::string("TCP") : p; };
  return port.name == wanted.targetPort && protocol(port.protocol) == protocol(wanted.protocol);
}

std::optional<std::int64_t> find_named(const std::vector<api::Container>& containers, bool is_init,
                                       const api::ServicePort& wanted) {
  for (const auto& container : containers) {
    if (is_init && container.restartPolicy != "Always") continue;
    for (const auto& port : container.ports) {
      if (is_named(port, wanted)) return port.containerPort;
    }
  }
  return std::nullopt;
}

}  // namespace

bool has_endpoints(const api::Service& service) {
  return service.spec.type != "ExternalName" && !service.spec.selector.empty();
}

bool selects(const api::Service& service, const api::Pod& pod) {
  const auto& labels = pod.metadata.labels;
  return !service.spec.selector.empty() && std::ranges::all_of(service.spec.selector, [&](const auto& wanted) {
    auto it = labels.find(wanted.first);
    return it != labels.end() && it->second == wanted.second;
  });
}

bool is_headless(const api::Service& service) {
  return service.spec.clusterIP.empty() || service.spec.clusterIP == "None";
}

std::vector<PodPtr> pods_of(const api::Service& service, const std::map<std::string, PodPtr>& pods) {
  std::vector<PodPtr> result;
  for (const auto& [key, pod] : in_namespace(pods, service.metadata.namespace_)) {
    if (selects(service, *pod)) result.push_back(pod);
  }
  return result;
}

std::set<std::string> services_touched(const std::map<std::string, ServicePtr>& services, const PodPtr& before,
                                       const PodPtr& after) {
  std::set<std::string> now, then;
  if (before && after) {
    bool is_same = shows_the_same(*before, *after);
    bool is_member_of_the_same = belongs_to_the_same(*before, *after);
    if (is_same && is_member_of_the_same) return now;
    add_services_of(services, *after, now);
    if (!is_member_of_the_same) add_services_of(services, *before, then);
    now.merge(then);
    return now;
  }
  add_services_of(services, after ? *after : *before, now);
  return now;
}

bool is_published(const api::Pod& pod, bool with_terminating) {
  if (pod.is_terminal()) return false;
  if (pod.status.podIP.empty() && pod.status.podIPs.empty()) return false;
  return with_terminating || pod.metadata.deletionTimestamp.empty();
}

bool is_ipv6_address(const std::string& address) {
  return address.find(':') != std::string::npos;
}

std::string address_of(const api::Pod& pod, bool is_ipv6) {
  for (const auto& address : addresses(pod)) {
    if (is_ipv6_address(address) == is_ipv6) return address;
  }
  return "";
}

std::string published_hostname(const api::Pod& pod, const api::Service& service) {
  return pod.spec.subdomain == service.metadata.name ? pod.spec.hostname : "";
}

Duration batch_period(Duration configured, std::size_t pods) {
  constexpr Duration kPerPod = std::chrono::microseconds(100);
  return std::max<Duration>(configured, kPerPod * pods);
}

std::optional<std::int64_t> fixed_port(const api::ServicePort& port) {
  const std::string& target = port.targetPort;
  if (target.empty()) return port.port;
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), number);
  if (error != std::errc() || end != target.data() + target.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> find_port(const api::Pod& pod, const api::ServicePort& port) {
  auto fixed = fixed_port(port);
  if (fixed) return fixed;
  auto found = find_named(pod.spec.containers, false, port);
  return found ? found : find_named(pod.spec.initContainers, true, port);
}

}  // namespace kubeloop::controller_manager
