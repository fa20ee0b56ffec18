#include "apiserver/filters/filters.hpp"

namespace kubeloop::apiserver::filters {

Verdict set_audit_id(HubState& hub, RequestContext& ctx) {
  auto given = ctx.request.headers.get("Audit-ID");
  constexpr std::size_t kMaxLength = 128;
  ctx.audit_id = given.empty() || given.size() > kMaxLength ? hub.audit_ids.uuid() : std::string(given);
  return std::nullopt;
}

}  // namespace kubeloop::apiserver::filters
