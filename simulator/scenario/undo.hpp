// The undo step: what `kubectl rollout undo deployment/NAME` does, with the same requests.
#pragma once
#include "libs/client/api_client.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

// Gives the Deployment the template of an earlier revision's ReplicaSet. 404 when there is no such revision, 400 when
// the object is no Deployment or is paused. Source: kubectl's DeploymentRollbacker.
awaitable<Result<void>> undo_rollout(client::ApiClient& client, const UndoStep& step);

}  // namespace kubeloop::simulator
