// What a kubelet says of its node: the object it registers, the status it reports and the patches that bring the hub
// there. Pure. Source: the kubelet's nodestatus/setters.go and kubelet_node_status.go (v1.35).
#pragma once
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "kubelet-sim/node/node_profile.hpp"
#include "kubelet-sim/runtime/runtime.hpp"
#include "libs/api/views/node.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::kubelet_sim {

// The labels that every kubelet gives its node, with the profile's own.
api::StringMap node_labels(const NodeProfile& profile);

// MemoryPressure, DiskPressure, PIDPressure, Ready. A condition whose status stays keeps its transition time from
// `previous`.
std::vector<api::Condition> node_conditions(const std::vector<api::Condition>& previous, bool is_ready, WallTime wall);

// The body for POST nodes: labels, annotation, taints and a status that is not Ready yet.
std::string node_object(const NodeProfile& profile, const std::map<std::string, CachedImage>& images, Instant now,
                        WallTime wall);

// Everything of the status but the conditions, as JSON text: capacity, addresses, nodeInfo, images (those that are
// there by `now`).
std::string node_facts(const NodeProfile& profile, const std::map<std::string, CachedImage>& images, Instant now);

// The strategic merge patch for nodes/NAME/status: the facts that differ from `told_facts` ("" = none were told) and
// all conditions.
std::string node_status_patch(const std::string& told_facts, const std::string& facts,
                              const std::vector<api::Condition>& conditions);

// Whether more than heartbeat times differ.
bool have_conditions_changed(const std::vector<api::Condition>& before, const std::vector<api::Condition>& after);

// The patch that brings an already registered node's labels and annotation to what the kubelet wants; "" when nothing
// is missing.
std::string node_labels_patch(const NodeProfile& profile, const api::Node& node);

}  // namespace kubeloop::kubelet_sim
