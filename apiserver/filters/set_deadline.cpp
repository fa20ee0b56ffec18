#include <algorithm>

#include "apiserver/filters/filters.hpp"
#include "apiserver/signed_duration.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver::filters {

// Source: WithRequestDeadline in k8s.io/apiserver: zero or more than the server's own limit means that limit.
Verdict set_deadline(HubState& hub, RequestContext& ctx) {
  // No write may take longer than this, whatever was asked for (requestTimeoutUpperBound).
  constexpr Duration kLongestWrite = std::chrono::seconds(34);
  ctx.timeout = hub.options.request_timeout;
  if (ctx.info.is_write() && ctx.info.verb != "deletecollection") ctx.timeout = std::min(ctx.timeout, kLongestWrite);
  if (ctx.info.is_long_running()) return std::nullopt;
  auto asked = ctx.url.get("timeout");
  if (asked.empty()) return std::nullopt;
  auto parsed = parse_signed_duration(asked);
  if (!parsed) {
    return status_response(ctx, api::bad_request("invalid timeout specified in the request URL - " + parsed.error()));
  }
  if (*parsed > Duration::zero()) ctx.timeout = std::min(ctx.timeout, *parsed);
  return std::nullopt;
}

}  // namespace kubeloop::apiserver::filters
