// PATCH: JSON patch, merge patch and strategic merge patch, applied to the current object in the version of the path;
// what comes out goes the way of a PUT. A resourceVersion inside the patch is a precondition. Server-side apply is not
// there yet: 415.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

enum class PatchKind { kJson, kMerge, kStrategicMerge };

struct Patch {
  PatchKind kind = PatchKind::kMerge;
  nlohmann::json body;
  std::vector<std::string> duplicates;  // `duplicate field "a.b"`

  Patch() = default;
};
// The body of a PATCH: 415 for a type we do not know, 413, 400.
Result<Patch> decode_patch(const RequestContext& ctx);
// What the patch makes of `current`, an object of `kind`, decoded and with the schema's defaults. 422 when that is no
// such object; unknown fields as decode_body() treats them.
Result<nlohmann::json> apply_patch(RequestContext& ctx, const api::Schema& schema, const api::KindInfo& kind,
                                   const Patch& patch, const nlohmann::json& current);

awaitable<http::Response> patch(HubPtr hub, RequestPtr ctx, Endpoint endpoint);

}  // namespace kubeloop::apiserver
