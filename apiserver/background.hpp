// What a hub does by itself: follow the store's changes, remove what has expired, compact, make the namespaces that the
// server owns, and measure how late its thread is. What has no end runs until it is cancelled.
#pragma once
#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

// A request of the hub to itself: of core/v1 unless its group is set; `part` is the actor that the flow log shows.
RequestPtr own_request(std::string verb, std::string resource, std::string namespace_, const char* part);

// Fills the map and the watch window from the store. Errors of the store are returned.
awaitable<Result<void>> load(HubPtr hub);
// Follows the store for ever: object map, flow log, watches, in this order, in revision order.
awaitable<void> follow_changes(HubPtr hub);
// Removes objects of kinds that expire (events) once their time is over.
awaitable<void> expire_objects(HubPtr hub);
// Lets the store forget, at each interval, what was old at the one before.
awaitable<void> compact_store(HubPtr hub);
// Feeds kubeloop_hub_loop_lag_seconds.
awaitable<void> measure_loop_lag(HubPtr hub);
// default, kube-system, kube-public, kube-node-lease: those that are missing.
awaitable<Result<void>> make_system_namespaces(HubPtr hub);
// system-node-critical and system-cluster-critical: those that are missing.
awaitable<Result<void>> make_system_priority_classes(HubPtr hub);

}  // namespace kubeloop::apiserver
