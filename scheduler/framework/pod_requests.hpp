// What a pod asks for, summed over its containers as Kubernetes does it (source: component-helpers
// resource.PodRequests). Pure.
#pragma once
#include "libs/api/views/pod.hpp"
#include "scheduler/framework/resource_amounts.hpp"

namespace kubeloop::scheduler {

// What a container without a request counts as when nodes are scored, so that such pods spread too.
inline constexpr std::int64_t kDefaultMilliCpu = 100;
inline constexpr std::int64_t kDefaultMemory = 200ll * 1024 * 1024;

struct PodRequests {
  // What the filters compare: max(sum of containers and sidecars, each init container with the sidecars before it),
  // replaced per resource by spec.resources.requests, plus overhead.
  ResourceAmounts real;
  // The same with the defaults for missing cpu and memory: what a node adds up for the scores.
  ResourceAmounts non_zero;
  // The same with defaults but without pod-level requests: NodeResourcesFit's score ignores them for the incoming pod
  // (1.34 to 1.36).
  ResourceAmounts fit_score;
};

// For a pod on a node, the resources that its status reports (in-place resize) count as well.
PodRequests compute_pod_requests(const api::Pod& pod);

}  // namespace kubeloop::scheduler
