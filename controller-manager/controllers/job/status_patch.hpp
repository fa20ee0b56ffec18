// How a job's status is written: as a JSON merge patch that says all of it. Pure.
#pragma once
#include <string>

#include "libs/api/views/workload.hpp"

namespace kubeloop::controller_manager {

// For the status subresource. It names the revision that the status was made from, so that counts are added only once:
// 409 when somebody else wrote in between.
std::string job_status_patch(const api::Job& job, const api::JobStatus& status, const std::string& resource_version);

}  // namespace kubeloop::controller_manager
