// POST pods/NAME/eviction: removes a pod unless a PodDisruptionBudget forbids it, which is what `kubectl drain` asks
// for. What is allowed is counted down in the budget's status by compare-and-set, so that two evictions never share one
// allowance. Source: EvictionREST in k8s.io/kubernetes/pkg/registry/core/pod.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

// `pods`: the endpoint of pods.
awaitable<http::Response> evict(HubPtr hub, RequestPtr ctx, Endpoint pods);

}  // namespace kubeloop::apiserver
