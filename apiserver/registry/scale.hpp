// The subresource `scale` of what has replicas: GET, PUT and PATCH of a Scale (autoscaling/v1), a view of the object. A
// write changes spec.replicas and nothing else, and goes the way of a PUT of the object: its resourceVersion is
// checked, its generation rises. Source: ScaleREST in k8s.io/kubernetes/pkg/registry/apps.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> scale(HubPtr hub, RequestPtr ctx, Endpoint endpoint);

// The Scale of `parent`, an object with spec.replicas, spec.selector and status.replicas. Pure.
nlohmann::json scale_of(const nlohmann::json& parent);

}  // namespace kubeloop::apiserver
