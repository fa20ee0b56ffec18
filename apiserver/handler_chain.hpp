// The way of one request through the hub: the filters in running order, then the router, under a deadline. Whatever
// happens, there is an answer, a count and a trace in the flow log.
#pragma once
#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> handle_request(HubPtr hub, http::Request request);

}  // namespace kubeloop::apiserver
