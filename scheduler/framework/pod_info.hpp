// A pod as the scheduler uses it: the shared view plus what is computed from it once. Immutable; shared by queue, cache
// and snapshot.
#pragma once
#include <compare>
#include <memory>
#include <string>
#include <vector>

#include "libs/api/views/pod.hpp"
#include "scheduler/framework/pod_requests.hpp"

namespace kubeloop::scheduler {

struct HostPort {
  std::string protocol;  // never empty
  std::string ip;        // never empty; 0.0.0.0 = every address
  std::int64_t port = 0;
  auto operator<=>(const HostPort&) const = default;
};

struct PodInfo {
  explicit PodInfo(std::shared_ptr<const api::Pod> p);

  std::shared_ptr<const api::Pod> pod;
  std::string key;  // "namespace/name"
  PodRequests requests;
  std::vector<HostPort> host_ports;  // of containers and sidecars
  std::vector<std::string> images;   // of each container and init container, with tag
  std::int64_t priority = 0;

  const std::string& uid() const { return pod->metadata.uid; }
};

using PodInfoPtr = std::shared_ptr<const PodInfo>;
inline PodInfoPtr make_pod_info(std::shared_ptr<const api::Pod> pod) {
  return std::make_shared<const PodInfo>(std::move(pod));
}

// Same protocol and port, and the same address or either of them on every address.
bool is_conflict(const HostPort& a, const HostPort& b);

}  // namespace kubeloop::scheduler
