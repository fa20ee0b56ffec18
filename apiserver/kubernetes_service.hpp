// The service `kubernetes` in the namespace default, its Endpoints and its EndpointSlice: how pods find the API server.
// Made by the hub at start and put right again when somebody changes or deletes them. Source: Kubernetes'
// kubernetesservice controller and its endpoint reconciler.
#pragma once
#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

// Makes what is missing and corrects what leads elsewhere; writes nothing when all is right.
awaitable<Result<void>> make_kubernetes_service(HubPtr hub);
// Does so every ten seconds, for ever.
awaitable<void> keep_kubernetes_service(HubPtr hub);

}  // namespace kubeloop::apiserver
