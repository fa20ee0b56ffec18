// The documents that the deployment controller sends. Pure.
#pragma once
#include <string>

#include "controller-manager/controllers/deployment/plan.hpp"

namespace kubeloop::controller_manager {

// The ReplicaSet to POST: the deployment's template, selector and labels with the hash added. 400 when the template is
// no JSON.
Result<std::string> new_set_body(const api::Deployment& deployment, const DeploymentPlan& plan);

// A merge patch that names the set's uid.
std::string set_patch(const SetChange& change);

// A merge patch for /status that names the deployment's uid; `revision` is its annotation, "" = leave it.
std::string status_patch(const api::Deployment& deployment, const api::DeploymentStatus& status,
                         const std::string& revision);

}  // namespace kubeloop::controller_manager
