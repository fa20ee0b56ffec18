// /kubeloop/v1/flow: the flow log as NDJSON. GET ?from=SEQ&follow=true reads it, the first line being
// {"format":1,"next":N}. With kinds=commit,note only those are sent; with digest=true each piece that reaches the end
// of the log closes with {"digest":D,"next":N}, a hash over all events before N, of every kind. POST adds notes, one
// JSON value or one a line, each becoming an event's `data`.
#pragma once
#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

http::Response serve_flow(HubPtr hub, RequestPtr ctx);

}  // namespace kubeloop::apiserver
