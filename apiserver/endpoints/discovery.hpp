// /, /api, /apis, their groups and versions, and /openapi. The documents come from the schema; here they are chosen by
// path and Accept, with the headers that clients cache by.
#pragma once
#include <optional>

#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

// Nothing when the path is none of these.
std::optional<http::Response> serve_discovery(HubState& hub, const RequestContext& ctx);

}  // namespace kubeloop::apiserver
