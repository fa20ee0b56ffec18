// Which pods are a job's, and the writes that make them so, let them go, or end their tracking. Pure.
#pragma once
#include <string>

#include "controller-manager/controllers/job/job_pods.hpp"

namespace kubeloop::controller_manager {

// The job's selector matches the pod's labels. A job without a selector claims nothing.
bool is_claimed_by(const api::Job& job, const api::Pod& pod);

// Strategic merge patches; each names the pod's uid.
// Gives it its controller and the tracking finalizer, in one write: none is counted that was not tracked.
std::string adoption_patch(const api::Job& job, const api::Pod& pod);
// Takes both away.
std::string release_patch(const api::Pod& pod, const std::string& job_uid);
// Takes the finalizer away.
std::string free_patch(const api::Pod& pod);

}  // namespace kubeloop::controller_manager
