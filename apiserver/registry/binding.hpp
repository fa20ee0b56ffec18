// POST pods/NAME/binding: the one way by which a pod comes to a node. Source: BindingREST in
// k8s.io/kubernetes/pkg/registry/core/pod.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

// `pods`: the endpoint of pods. Also serves POST /bindings, where the name is in the body.
awaitable<http::Response> bind(HubPtr hub, RequestPtr ctx, Endpoint pods);

}  // namespace kubeloop::apiserver
