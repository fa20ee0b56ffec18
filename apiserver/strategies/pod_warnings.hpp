// What is allowed in pods and pod templates but hardly meant: labels and keys past their time, definitions that hide
// one another, amounts that are no whole number of bytes. Pure. Source: GetWarningsForPod and
// GetWarningsForPodTemplate of Kubernetes.
#pragma once
#include <string>
#include <vector>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// Of a new pod.
std::vector<std::string> warn_of_pod(const Json& pod);
// Of a workload's spec.template.
std::vector<std::string> warn_of_pod_template(const Json& workload);
// Of a new workload: its name, then its template.
std::vector<std::string> warn_of_workload(const Json& workload);

}  // namespace kubeloop::apiserver
