// /metrics in the Prometheus text form.
#pragma once
#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

http::Response serve_metrics(HubState& hub);

}  // namespace kubeloop::apiserver
