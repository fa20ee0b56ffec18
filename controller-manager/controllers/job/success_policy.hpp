// When an Indexed job has succeeded before all of its indexes have: spec.successPolicy. Pure. Source: success_policy.go
// of Kubernetes' job controller.
#pragma once
#include <optional>
#include <string>

#include "controller-manager/controllers/job/index_set.hpp"
#include "libs/api/views/workload.hpp"

namespace kubeloop::controller_manager {

// The message with which it succeeds, or nothing.
std::optional<std::string> match_success_policy(const api::Job& job, const IndexSet& succeeded);

}  // namespace kubeloop::controller_manager
