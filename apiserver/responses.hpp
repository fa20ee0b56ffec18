// The plain answers of the hub: a Status, JSON or text. Every JSON answer ends with a newline, as kube-apiserver's do.
#pragma once
#include <string>
#include <string_view>

#include "apiserver/request_context.hpp"
#include "libs/api/status.hpp"
#include "libs/http/message.hpp"

namespace kubeloop::apiserver {

// The Status as the API writes it, with Retry-After when it has one.
http::Response status_response(const RequestContext& ctx, const Status& status);
// `json` is compact; indented when the request wants it pretty.
http::Response json_response(const RequestContext& ctx, int code, std::string json,
                             std::string content_type = "application/json");
http::Response text_response(int code, std::string_view text);
// 404 of a path that nothing is known of: plain text, unlike an unknown resource.
http::Response page_not_found();

}  // namespace kubeloop::apiserver
