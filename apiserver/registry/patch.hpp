// PATCH: JSON patch, merge patch and strategic merge patch, applied to the current object in the version of the path;
// what comes out goes the way of a PUT. A resourceVersion inside the patch is a precondition. Server-side apply is not
// there yet: 415.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> patch(HubPtr hub, RequestPtr ctx, Endpoint endpoint);

}  // namespace kubeloop::apiserver
