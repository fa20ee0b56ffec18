#include "apiserver/filters/filters.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver::filters {

Verdict check_serving(HubState& hub, RequestContext& ctx) {
  if (!ctx.info.is_resource && ctx.info.path != "/kubeloop/v1/flow") return std::nullopt;
  if (hub.is_started && !hub.is_stopping) return std::nullopt;
  Status status(503, "ServiceUnavailable",
                hub.is_stopping ? "apiserver is shutting down" : "apiserver is starting: its data is being read");
  status.retry_after_seconds = 1;
  return status_response(ctx, status);
}

}  // namespace kubeloop::apiserver::filters
