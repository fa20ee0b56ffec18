// When a pod has to leave a node for the node's NoExecute taints. Pure. Source: processPodOnNode and
// getMinTolerationTime of Kubernetes' taint eviction controller; matching as ToleratesTaint in k8s.io/api.
#pragma once
#include <vector>

#include "libs/api/views/node.hpp"
#include "libs/api/views/pod.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

std::vector<api::Taint> no_execute_taints(const api::Node& node);

bool tolerates(const api::Toleration& toleration, const api::Taint& taint);

struct EvictionVerdict {
  enum class Kind { kNever, kLater, kNow };
  Kind kind = Kind::kNever;
  Duration after{};  // of kLater: counted from when the taints were first seen on the pod's node
};

// Every taint must be tolerated; the shortest tolerationSeconds of the tolerations used decides, none of them set means
// for ever.
EvictionVerdict plan_eviction(const std::vector<api::Taint>& taints, const std::vector<api::Toleration>& tolerations);

}  // namespace kubeloop::controller_manager
