// Which taints a pod tolerates (source: component-helpers, corev1 ToleratesTaint). Pure.
#pragma once
#include <vector>

#include "libs/api/views/node.hpp"
#include "libs/api/views/pod.hpp"

namespace kubeloop::scheduler {

inline constexpr std::string_view kTaintNodeUnschedulable = "node.kubernetes.io/unschedulable";

bool is_tolerated(const api::Taint& taint, const std::vector<api::Toleration>& tolerations);

// The first taint that keeps the pod off the node (NoSchedule or NoExecute and not tolerated), or null.
const api::Taint* find_untolerated(const std::vector<api::Taint>& taints,
                                   const std::vector<api::Toleration>& tolerations);

}  // namespace kubeloop::scheduler
