#include "apiserver/responses.hpp"

#include "apiserver/negotiation.hpp"
#include "apiserver/pretty_json.hpp"

namespace kubeloop::apiserver {

http::Response json_response(const RequestContext& ctx, int code, std::string json, std::string content_type) {
  if (wants_pretty(ctx.request, ctx.url)) json = indent_json(json);
  if (!json.ends_with('\n')) json += '\n';
  return http::Response(code, std::move(content_type), std::move(json));
}

http::Response status_response(const RequestContext& ctx, const Status& status) {
  // Kubernetes writes this one indented whatever was asked for.
  auto text = api::status_json(status);
  auto response = status.code == 406 ? http::Response(406, "application/json", indent_json(text) + "\n")
                                     : json_response(ctx, status.code, std::move(text));
  if (status.retry_after_seconds > 0) {
    response.headers.set("Retry-After", std::to_string(status.retry_after_seconds));
  }
  return response;
}

http::Response text_response(int code, std::string_view text) {
  http::Response response(code, "text/plain; charset=utf-8", std::string(text));
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response page_not_found() {
  return text_response(404, "404 page not found\n");
}

}  // namespace kubeloop::apiserver
