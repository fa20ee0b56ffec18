// GET of one object.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> get(HubPtr hub, RequestPtr ctx, Endpoint endpoint);

}  // namespace kubeloop::apiserver
