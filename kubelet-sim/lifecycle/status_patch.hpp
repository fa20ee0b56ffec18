// A pod's status as the kubelet writes it: JSON, and the strategic merge patch that brings one state of it to
// another. Only what the kubelet owns takes part: other fields and other parties' conditions are left alone. Pure.
#pragma once
#include <string>

#include "libs/api/views/pod.hpp"

namespace kubeloop::kubelet_sim {

// Whether a write would change nothing.
bool is_same_status(const api::PodStatus& a, const api::PodStatus& b);

// The body for PATCH pods/NAME/status: the uid, so that a pod made again under the name answers 409, and the fields
// that differ; what is gone is null, conditions are merged by type in the kubelet's order.
std::string status_patch(const std::string& uid, const api::PodStatus& before, const api::PodStatus& after);

}  // namespace kubeloop::kubelet_sim
