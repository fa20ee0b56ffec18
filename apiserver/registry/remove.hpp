// DELETE of one object: options -> preconditions -> validating admission -> plan -> commit; and of a whole collection,
// one object after the other.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/body.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> remove(HubPtr hub, RequestPtr ctx, Endpoint endpoint);
awaitable<http::Response> remove_collection(HubPtr hub, RequestPtr ctx, Endpoint endpoint);

struct Removed {
  StoredObjectPtr object;  // its last state
  bool is_gone = false;    // false: it stays for now

  Removed() = default;
};
// 409 when the options name another uid or revision than `metadata` (with resourceVersion). Names the Kind, not the
// resource. Source: BeforeDelete.
Result<void> check_delete_preconditions(const Endpoint& endpoint, const nlohmann::json& metadata,
                                        const DeleteOptions& options);
// Warns a client that deletes what leaves its dependents alone, when neither option says what is wanted.
void warn_of_orphans(RequestContext& ctx, const Endpoint& endpoint, const DeleteOptions& options);
// Removes one object; 404 when there is none.
awaitable<Result<Removed>> remove_one(HubPtr hub, RequestPtr ctx, Endpoint endpoint, std::string namespace_,
                                      std::string name, DeleteOptions options);

}  // namespace kubeloop::apiserver
