// A write that only moves the time of a heartbeat: a PUT of a node's lease, a PATCH of the conditions of its status.
// That is most of what a large cluster writes. The body is compared with the stored bytes; when they differ in such
// times alone, the new bytes are made without a document. Everything else goes the long way (update.hpp, patch.hpp),
// with the same outcome.
#pragma once
#include <optional>

#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

struct Renewal {
  StoredObjectPtr current;
  std::shared_ptr<const std::string> value;  // the stored form, with the new time

  Renewal() = default;
};

// Nothing when the request is no renewal of the object at `key`. Pure.
std::optional<Renewal> plan_renewal(const RequestContext& ctx, const Endpoint& endpoint, StoredObjectPtr current);

// The same for a strategic merge patch of the status: conditions as they stand but for their heartbeats. Pure.
std::optional<Renewal> plan_condition_renewal(const RequestContext& ctx, const Endpoint& endpoint,
                                              StoredObjectPtr current);

// Admission and commit. The object as written; an error ready for the client, but for 409: then another write came
// between, and the long way decides.
awaitable<Result<StoredObjectPtr>> commit_renewal(HubPtr hub, RequestPtr ctx, Endpoint endpoint, Renewal renewal);

}  // namespace kubeloop::apiserver
