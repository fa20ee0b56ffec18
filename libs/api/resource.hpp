// The address of a kind on the API server: group, version, plural, scope. Plain data; the ones that our own components
// use are named here, everything else comes from the schema table.
#pragma once
#include <string>
#include <string_view>

namespace kubeloop::api {

struct Resource {
  std::string_view group;    // "" for core
  std::string_view version;  // "v1"
  std::string_view plural;   // "pods"
  std::string_view kind;     // "Pod"
  bool is_namespaced;

  // "/api/v1" or "/apis/coordination.k8s.io/v1"
  std::string root() const;
  // "v1" or "coordination.k8s.io/v1"
  std::string api_version() const;
  // The path of the collection (empty name) or of one object, with an optional subresource. An empty namespace_ of a
  // namespaced kind means all namespaces.
  std::string path(std::string_view namespace_, std::string_view name, std::string_view subresource = "") const;
};

// The group of an apiVersion: "apps" of "apps/v1", "" of "v1".
std::string_view group_of(std::string_view api_version);

inline constexpr Resource kPods{"", "v1", "pods", "Pod", true};
inline constexpr Resource kNodes{"", "v1", "nodes", "Node", false};
inline constexpr Resource kNamespaces{"", "v1", "namespaces", "Namespace", false};
inline constexpr Resource kEvents{"", "v1", "events", "Event", true};
inline constexpr Resource kEventsV1{"events.k8s.io", "v1", "events", "Event", true};
inline constexpr Resource kConfigMaps{"", "v1", "configmaps", "ConfigMap", true};
inline constexpr Resource kServiceAccounts{"", "v1", "serviceaccounts", "ServiceAccount", true};
inline constexpr Resource kSecrets{"", "v1", "secrets", "Secret", true};
inline constexpr Resource kServices{"", "v1", "services", "Service", true};
inline constexpr Resource kEndpoints{"", "v1", "endpoints", "Endpoints", true};
inline constexpr Resource kEndpointSlices{"discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true};
inline constexpr Resource kReplicaSets{"apps", "v1", "replicasets", "ReplicaSet", true};
inline constexpr Resource kDeployments{"apps", "v1", "deployments", "Deployment", true};
inline constexpr Resource kJobs{"batch", "v1", "jobs", "Job", true};
inline constexpr Resource kPodDisruptionBudgets{"policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true};
inline constexpr Resource kPriorityClasses{"scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false};
inline constexpr Resource kResourceQuotas{"", "v1", "resourcequotas", "ResourceQuota", true};
inline constexpr Resource kLeases{"coordination.k8s.io", "v1", "leases", "Lease", true};

}  // namespace kubeloop::api
