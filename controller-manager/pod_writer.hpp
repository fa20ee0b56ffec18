// The writes that several controllers make on pods: a status condition, and the deletion. Each names the pod's uid, so
// that a successor of the same name is never touched.
#pragma once
#include <optional>
#include <string>

#include "controller-manager/status_json.hpp"
#include "libs/api/views/pod.hpp"
#include "libs/base/env.hpp"
#include "libs/client/api_client.hpp"

namespace kubeloop::controller_manager {

// PATCH pods/status with the condition, if it says anything new, and with `phase` unless empty. lastTransitionTime is
// `now` when the status changes.
awaitable<Result<void>> patch_pod_status(client::ApiClient client, api::Pod pod,
                                         std::optional<WantedCondition> condition, std::string phase, WallTime now,
                                         client::Cause cause);

// DELETE; `grace` in seconds, the pod's own when absent. Gone already is success.
awaitable<Result<void>> delete_pod(client::ApiClient client, api::Pod pod, std::optional<int> grace,
                                   client::Cause cause);

}  // namespace kubeloop::controller_manager
