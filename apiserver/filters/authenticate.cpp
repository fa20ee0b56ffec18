#include "apiserver/filters/filters.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver::filters {

Verdict authenticate(HubState&, RequestContext& ctx) {
  // We know no token: one that is presented is a wrong one, and that is never taken for anonymous.
  if (ctx.request.headers.has("Authorization")) {
    return status_response(ctx, api::unauthorized());
  }
  const auto& peer = ctx.request.peer;
  if (peer.common_name.empty()) {
    ctx.user.name = "system:anonymous";
    ctx.user.groups.push_back("system:unauthenticated");
  } else {
    ctx.user.name = peer.common_name;
    ctx.user.groups = peer.organizations;
    if (!ctx.user.is_in("system:authenticated")) ctx.user.groups.push_back("system:authenticated");
  }
  ctx.authenticated_user = ctx.user;
  return std::nullopt;
}

}  // namespace kubeloop::apiserver::filters
