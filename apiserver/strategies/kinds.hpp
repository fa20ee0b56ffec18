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
const Strategy& secret_strategy();
const Strategy& service_strategy();
const Strategy& endpoints_strategy();
const Strategy& endpoint_slice_strategy();
const Strategy& disruption_budget_strategy();
const Strategy& priority_class_strategy();
const Strategy& resource_quota_strategy();
const Strategy& limit_range_strategy();
const Strategy& replica_set_strategy();
const Strategy& deployment_strategy();
const Strategy& job_strategy();

}  // namespace kubeloop::apiserver
