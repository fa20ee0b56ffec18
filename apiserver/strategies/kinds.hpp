// One function a kind with a strategy of its own. A further kind: its file, a line here, a line in strategy.cpp.
#pragma once
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

const Strategy& pod_strategy();
const Strategy& node_strategy();
const Strategy& namespace_strategy();
const Strategy& event_strategy();
const Strategy& lease_strategy();
const Strategy& config_map_strategy();
const Strategy& service_account_strategy();

}  // namespace kubeloop::apiserver
