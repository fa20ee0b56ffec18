// From a request that passed the filters to what answers it: a resource's verb, or one of the paths beside the
// resources.
#pragma once
#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> route(HubPtr hub, RequestPtr ctx);

}  // namespace kubeloop::apiserver
