#include <fmt/core.h>

#include <algorithm>

#include "apiserver/filters/filters.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver::filters {
namespace {

// What the role system:public-info-viewer gives to everybody.
bool is_public(std::string_view path) {
  auto is_check = [&](std::string_view root) {
    return path == root || (path.starts_with(root) && path.substr(root.size()).starts_with('/'));
  };
  return is_check("/healthz") || is_check("/livez") || is_check("/readyz") || is_check("/version");
}

std::string quoted_resource(const RequestInfo& info) {
  return info.subresource.empty() ? info.resource : info.resource + "/" + info.subresource;
}

Status forbidden(const RequestContext& ctx) {
  const auto& info = ctx.info;
  if (!info.is_resource) {
    return Status(403, "Forbidden",
                  fmt::format(R"(forbidden: User "{}" cannot {} path "{}")", ctx.user.name, info.verb, info.path));
  }
  auto group_resource = info.group.empty() ? info.resource : info.resource + "." + info.group;
  auto subject = info.name.empty() ? group_resource : fmt::format(R"({} "{}")", group_resource, info.name);
  auto scope = info.namespace_.empty() ? std::string("at the cluster scope")
                                       : fmt::format(R"(in the namespace "{}")", info.namespace_);
  Status status(403, "Forbidden",
                fmt::format(R"({} is forbidden: User "{}" cannot {} resource "{}" in API group "{}" {})", subject,
                            ctx.user.name, info.verb, quoted_resource(info), info.group, scope));
  status.name = info.name;
  status.group = info.group;
  status.kind = info.resource;
  return status;
}

}  // namespace

Verdict authorize(HubState& hub, RequestContext& ctx) {
  if (hub.options.is_insecure || ctx.user.is_in("system:authenticated") || is_public(ctx.info.path))
    return std::nullopt;
  auto response = status_response(ctx, forbidden(ctx));
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace kubeloop::apiserver::filters
