// Says in words what changed between two states of an object: what a person would point at. Pure.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace kubeloop::simulator {

// One phrase per change: "spec.nodeName = node-2", "condition Ready False -> True", "taint
// node.kubernetes.io/not-ready:NoSchedule removed". `before` is null for a new object. Heartbeat times are no change.
std::vector<std::string> change_phrases(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace kubeloop::simulator
