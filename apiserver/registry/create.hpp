// POST: decode and default -> mutating admission -> prepare and validate -> validating admission -> commit.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> create(HubPtr hub, RequestPtr ctx, Endpoint endpoint);

// The part behind decoding, for PUTs that create too. `object` is in the stored form.
awaitable<Result<StoredObjectPtr>> create_decoded(HubPtr hub, RequestPtr ctx, Endpoint endpoint, nlohmann::json object);

}  // namespace kubeloop::apiserver
