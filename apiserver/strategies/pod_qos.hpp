// The quality-of-service class of a pod, from its requests and limits of cpu and memory. Pure. Source: ComputePodQOS in
// Kubernetes.
#pragma once
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// Guaranteed, Burstable or BestEffort.
const char* pod_qos_class(const Json& pod);

}  // namespace kubeloop::apiserver
