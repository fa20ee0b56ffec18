// Which pods stand behind which services: what the endpoints and the endpointslice controller have in common. Pure
// functions over what the informers hold.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/api/views/pod.hpp"
#include "libs/api/views/service.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

using PodPtr = std::shared_ptr<const api::Pod>;
using ServicePtr = std::shared_ptr<const api::Service>;

// A service that is to have endpoints at all: it has a selector and is no mere alias.
bool has_endpoints(const api::Service& service);
// The selector matches the pod's labels; both are of one namespace.
bool selects(const api::Service& service, const api::Pod& pod);
// Without an address of its own: clusterIP None, or not given yet.
bool is_headless(const api::Service& service);

// Ordered by name. Costs as much as the namespace has pods.
std::vector<PodPtr> pods_of(const api::Service& service, const std::map<std::string, PodPtr>& pods);

// How long to gather changes before the next sync of a service: as configured, or 0.1 ms for each of its pods where
// that is longer. A sync looks at all of them, and 10,000 pods that start one after the other would cost 10,000 syncs.
// Ours.
Duration batch_period(Duration configured, std::size_t pods);

// Keys of the services whose endpoints this change of a pod may touch; `before` is null for an addition, `after` for a
// deletion. None when nothing changed that endpoints show. Source: GetServicesToUpdateOnPodChange in
// k8s.io/endpointslice.
std::set<std::string> services_touched(const std::map<std::string, ServicePtr>& services, const PodPtr& before,
                                       const PodPtr& after);

// Whether the pod has an address and has not ended; one that is being deleted counts only if so wanted. Source:
// ShouldPodBeInEndpoints in k8s.io/endpointslice.
bool is_published(const api::Pod& pod, bool with_terminating);
// The pod's address of that family, or "".
std::string address_of(const api::Pod& pod, bool is_ipv6);
bool is_ipv6_address(const std::string& address);
// The host name to publish, or "": only where the pod's subdomain is the service's name.
std::string published_hostname(const api::Pod& pod, const api::Service& service);
// The number that a service port means on this pod; nothing when it is a name that no container (sidecars too) has.
// Source: FindPort in k8s.io/endpointslice.
std::optional<std::int64_t> find_port(const api::Pod& pod, const api::ServicePort& port);
// Nothing when the target is a name, which means something else on each pod.
std::optional<std::int64_t> fixed_port(const api::ServicePort& port);

}  // namespace kubeloop::controller_manager
