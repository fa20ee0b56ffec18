// The filters of the handler chain. Each looks at one thing, fills in the request's context, and returns an answer only
// when the request goes no further. handler_chain.cpp lists them in running order.
#pragma once
#include <optional>

#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver::filters {

using Verdict = std::optional<http::Response>;

// Verb, resource, names; actor and cause.
Verdict read_info(HubState& hub, RequestContext& ctx);
// 503 for resources while the hub starts or stops.
Verdict check_serving(HubState& hub, RequestContext& ctx);
// ?timeout= and the server's own limit. 400 when unreadable.
Verdict set_deadline(HubState& hub, RequestContext& ctx);
// The verified client certificate: user = common name, groups = organizations. Without one: system:anonymous.
Verdict authenticate(HubState& hub, RequestContext& ctx);
// The Audit-ID header, or a new one.
Verdict set_audit_id(HubState& hub, RequestContext& ctx);
// Impersonate-User and Impersonate-Group; 403 for those who may not.
Verdict impersonate(HubState& hub, RequestContext& ctx);
// At most 400 reads and 200 writes at a time; 429 text beyond.
Verdict control_flow(HubState& hub, RequestContext& ctx);
// Every authenticated caller may do everything; anonymous may see health and version.
Verdict authorize(HubState& hub, RequestContext& ctx);

}  // namespace kubeloop::apiserver::filters
