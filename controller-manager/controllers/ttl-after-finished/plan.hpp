// When a finished job is to be deleted: spec.ttlSecondsAfterFinished after it ended. Pure. Source: Kubernetes'
// ttlafterfinished controller.
#pragma once
#include <optional>

#include "libs/api/views/workload.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

// Nothing when it is not to be deleted by time: unfinished, without a time to live, or going already.
std::optional<WallTime> expiry_of(const api::Job& job);

}  // namespace kubeloop::controller_manager
