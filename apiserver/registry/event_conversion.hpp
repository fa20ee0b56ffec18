// The two written forms of one Event: core/v1, in which it is stored, and events.k8s.io/v1. Pure. Source: the
// conversion functions of k8s.io/kubernetes/pkg/apis/events/v1.
#pragma once
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace kubeloop::apiserver {

void event_to_core(nlohmann::json& event);
void event_from_core(nlohmann::json& event);
// The core path of a field that a selector on events.k8s.io names: regarding.name -> involvedObject.name.
std::string core_event_field(std::string_view field);

}  // namespace kubeloop::apiserver
