// PUT, and the read-change-write loop that PATCH shares with it: wanted object -> mutating admission -> preconditions
// -> prepare and validate -> validating admission -> commit. The loop begins again when another write came between.
#pragma once
#include <functional>

#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> update(HubPtr hub, RequestPtr ctx, Endpoint endpoint);

struct UpdateCall {
  Endpoint endpoint;
  std::string namespace_, name, subresource;
  bool may_create = false;
  // The wanted object in the stored form, defaults applied; `current` (stored form, with resourceVersion) is null when
  // there is none.
  std::function<Result<nlohmann::json>(const nlohmann::json* current)> make_wanted;
};

struct Updated {
  StoredObjectPtr object;
  bool is_created = false;

  Updated() = default;
  Updated(StoredObjectPtr o, bool c) : object(std::move(o)), is_created(c) {}
};

// Name and namespace of an object must be those of the URL (400); fills in the namespace.
Result<void> check_address(const UpdateCall& call, nlohmann::json& wanted);

awaitable<Result<Updated>> run_update(HubPtr hub, RequestPtr ctx, std::shared_ptr<const UpdateCall> call);

}  // namespace kubeloop::apiserver
