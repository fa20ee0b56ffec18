// The defaults of a pod's spec that need other fields, as pods and pod templates have them alike; what only pods get is
// in pods.cpp. Pure. Source: SetDefaults_PodSpec and SetDefaults_Container of Kubernetes' core/v1.
#pragma once
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// `spec` is an object, with the schema's defaults in it.
void set_pod_spec_defaults(Json& spec);

}  // namespace kubeloop::apiserver
