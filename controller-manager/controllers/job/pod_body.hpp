// What a job's pods are made from: the template, the tracking finalizer, the owner, and the completion index. Pure.
// Source: manageJob and indexed_job_utils.go of Kubernetes' job controller.
#pragma once
#include <optional>
#include <string>

#include "controller-manager/controllers/job/assessment.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::controller_manager {

// The body to POST; the hub appends five letters to the name. 400 when the template is no JSON.
Result<std::string> job_pod_body(const Assessment& assessment, std::optional<std::int64_t> index);

}  // namespace kubeloop::controller_manager
