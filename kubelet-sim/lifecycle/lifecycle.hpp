// The life of one pod on its node as a pure step machine: from what is remembered and what is seen now to what is to
// be done and when to look again. No clock, no client, no await. The worker applies the runtime operations of a turn
// and steps again at once. Source: the kubelet's pod worker, syncPod and kuberuntime (v1.35).
#pragma once
#include "kubelet-sim/lifecycle/pod_state.hpp"

namespace kubeloop::kubelet_sim {

// One turn. When it asks for runtime operations, the next step has to follow after they were applied, at the same
// instant.
Turn step(PodState& state, const Seen& seen);

// What became of the turn's status write and delete: called by the worker.
void status_was_written(PodState& state, const api::PodStatus& status, std::uint64_t revision);
void status_write_failed(PodState& state, Instant now, const Timings& timings);
void delete_failed(PodState& state, Instant now, const Timings& timings);

}  // namespace kubeloop::kubelet_sim
