// GET of one object.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

// The object of the request's path, at ?resourceVersion or later; 404, or 504 when that does not come.
awaitable<Result<StoredObjectPtr>> get_stored(HubPtr hub, RequestPtr ctx, Endpoint endpoint);
awaitable<http::Response> get(HubPtr hub, RequestPtr ctx, Endpoint endpoint);

}  // namespace kubeloop::apiserver
