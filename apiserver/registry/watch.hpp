// WATCH: the current objects first where that is asked for (or implied by resourceVersion "" and "0"), then every
// change, in order, without a gap, as lines of JSON. Errors after the start of the stream are ERROR events. Source: the
// cacher and the watch handler of k8s.io/apiserver.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> watch(HubPtr hub, RequestPtr ctx, Endpoint endpoint);

}  // namespace kubeloop::apiserver
