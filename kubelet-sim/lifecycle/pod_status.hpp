// The status that the kubelet reports of a pod, made from the spec, the runtime and what the lifecycle machine
// remembers. Pure. Source: the kubelet's generateAPIPodStatus, convertToAPIContainerStatuses and the status manager's
// TerminatePod (v1.35).
#pragma once
#include "kubelet-sim/lifecycle/pod_state.hpp"

namespace kubeloop::kubelet_sim {

// `is_terminal`: the pod has been ended: what never ran is reported as lost, and the phase becomes Succeeded or Failed.
api::PodStatus make_status(const PodState& state, const Seen& seen, bool is_terminal);
// Phase Failed with the node's reason; conditions stay as they are.
api::PodStatus rejected_status(const PodState& state, const Seen& seen);

// The probe's result for the container's present life: what was probed, else what the hub was told of the same life,
// else the initial one (readiness fails, liveness succeeds, startup unknown).
ProbeResult probe_result(const PodState& state, const ContainerRecord& record, const std::string& container,
                         ProbeKind kind);
// Running, and its startup probe, if any, has succeeded.
bool is_started(const PodState& state, const Seen& seen, const api::Container& container);

// Whether the container is to be started again after `record` ended: by the pod's policy, or always for a sidecar.
bool is_restarted(const api::PodSpec& spec, const api::Container& container, const ContainerRecord& record);

}  // namespace kubeloop::kubelet_sim
