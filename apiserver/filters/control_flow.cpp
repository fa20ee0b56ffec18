#include "apiserver/filters/filters.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver::filters {
namespace {

// kube-apiserver's --max-requests-inflight and --max-mutating-requests-inflight.
constexpr int kMaxReads = 400;
constexpr int kMaxWrites = 200;

}  // namespace

Verdict control_flow(HubState& hub, RequestContext& ctx) {
  if (!ctx.info.is_resource || ctx.info.is_long_running()) return std::nullopt;
  bool is_write = ctx.info.is_write();
  int& in_flight = is_write ? hub.writes_in_flight : hub.reads_in_flight;
  if (in_flight >= (is_write ? kMaxWrites : kMaxReads) && !ctx.user.is_in("system:masters")) {
    auto response = text_response(429, "Too many requests, please try again later.\n");
    response.headers.set("Retry-After", "1");
    return response;
  }
  ++in_flight;
  ctx.in_flight = &in_flight;
  return std::nullopt;
}

}  // namespace kubeloop::apiserver::filters
