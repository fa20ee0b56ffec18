// /healthz, /livez, /readyz with their single checks, and /version. Source: apiserver/server/healthz.
#pragma once
#include <optional>

#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

inline constexpr const char* kGitVersion = "v1.35.0+kubeloop";

// Nothing when the path is none of these.
std::optional<http::Response> serve_health(HubState& hub, const RequestContext& ctx);

}  // namespace kubeloop::apiserver
