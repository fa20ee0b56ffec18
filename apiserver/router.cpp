#include "apiserver/router.hpp"

#include <algorithm>

#include "apiserver/endpoints/discovery.hpp"
#include "apiserver/endpoints/flow.hpp"
#include "apiserver/endpoints/health.hpp"
#include "apiserver/endpoints/metrics.hpp"
#include "apiserver/registry/binding.hpp"
#include "apiserver/registry/create.hpp"
#include "apiserver/registry/eviction.hpp"
#include "apiserver/registry/get.hpp"
#include "apiserver/registry/list.hpp"
#include "apiserver/registry/patch.hpp"
#include "apiserver/registry/remove.hpp"
#include "apiserver/registry/scale.hpp"
#include "apiserver/registry/update.hpp"
#include "apiserver/registry/watch.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver {
namespace {

bool is_listed(const std::vector<std::string>& verbs, std::string_view verb) {
  return std::ranges::find(verbs, verb) != verbs.end();
}

// Verbs that a path with that shape can have at all: POST to one object, or PUT to a collection, are wrong methods.
bool fits_path(const RequestInfo& info) {
  bool is_of_collection = info.verb == "list" || info.verb == "deletecollection" || info.verb == "create";
  if (info.verb == "watch") return info.subresource.empty();
  return is_of_collection == info.name.empty();
}

awaitable<http::Response> route_subresource(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  const auto& info = ctx->info;
  const auto& all = endpoint.kind->subresources;
  auto it = std::ranges::find(all, info.subresource, &api::SubresourceInfo::name);
  if (it == all.end()) co_return status_response(*ctx, api::unknown_path());
  if (!is_listed(it->verbs, info.verb)) co_return status_response(*ctx, api::method_not_allowed());
  if (info.subresource == "binding") co_return co_await bind(hub, ctx, endpoint);
  if (info.subresource == "eviction") co_return co_await evict(hub, ctx, endpoint);
  if (info.subresource == "scale") co_return co_await scale(hub, ctx, endpoint);
  bool is_whole_object = info.subresource == "status" || info.subresource == "finalize";
  if (!is_whole_object) co_return status_response(*ctx, api::unknown_path());
  if (info.verb == "get") co_return co_await get(hub, ctx, endpoint);
  if (info.verb == "update") co_return co_await update(hub, ctx, endpoint);
  if (info.verb == "patch") co_return co_await patch(hub, ctx, endpoint);
  co_return status_response(*ctx, api::method_not_allowed());
}

awaitable<http::Response> route_verb(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  const auto& verb = ctx->info.verb;
  if (verb == "get") co_return co_await get(hub, ctx, endpoint);
  if (verb == "list") co_return co_await list(hub, ctx, endpoint);
  if (verb == "watch") co_return co_await watch(hub, ctx, endpoint);
  if (verb == "create") co_return co_await create(hub, ctx, endpoint);
  if (verb == "update") co_return co_await update(hub, ctx, endpoint);
  if (verb == "patch") co_return co_await patch(hub, ctx, endpoint);
  if (verb == "delete") co_return co_await remove(hub, ctx, endpoint);
  co_return co_await remove_collection(hub, ctx, endpoint);
}

// The path gives a namespace to what has none, or an object of a namespace without it.
bool is_misplaced(const RequestInfo& info, const api::KindInfo& kind) {
  if (kind.is_namespaced) return info.namespace_.empty() && !info.name.empty();
  return !info.namespace_.empty() && info.resource != "namespaces";
}

bool is_group_served(const api::Schema& schema, std::string_view group, std::string_view version) {
  return std::ranges::any_of(schema.kinds(), [&](const auto& kind) {
    return kind->is_served && kind->group == group && kind->version == version;
  });
}

// A name in the path of a watch means that one object.
void select_name(RequestContext& ctx) {
  if (ctx.info.verb != "watch" || ctx.info.name.empty()) return;
  ctx.url.query.emplace_back("fieldSelector", "metadata.name=" + ctx.info.name);
}

awaitable<http::Response> route_resource(HubPtr hub, RequestPtr ctx) {
  const auto& info = ctx->info;
  if (info.verb.empty()) co_return status_response(*ctx, api::method_not_allowed());
  bool is_bindings = info.group.empty() && info.version == "v1" && info.resource == "bindings";
  auto plural = is_bindings ? std::string("pods") : info.resource;
  auto endpoint = find_endpoint(hub->schema, info.group, info.version, plural);
  if (!endpoint && !is_group_served(hub->schema, info.group, info.version)) co_return page_not_found();
  if (!endpoint || is_misplaced(info, *endpoint->kind)) co_return status_response(*ctx, api::unknown_path());
  if (is_bindings) {
    if (info.verb != "create") co_return status_response(*ctx, api::method_not_allowed());
    co_return co_await bind(hub, ctx, *endpoint);
  }
  if (!info.subresource.empty()) co_return co_await route_subresource(hub, ctx, *endpoint);
  bool is_writable_path =
      !endpoint->kind->is_namespaced || !info.namespace_.empty() || info.verb == "list" || info.verb == "watch";
  if (!fits_path(info) || !is_writable_path || !is_listed(endpoint->kind->verbs, info.verb)) {
    co_return status_response(*ctx, api::method_not_allowed());
  }
  select_name(*ctx);
  auto response = co_await route_verb(hub, ctx, *endpoint);
  if (auto warning = endpoint->strategy->deprecation; !warning.empty()) ctx->warnings.emplace_back(warning);
  co_return response;
}

}  // namespace

awaitable<http::Response> route(HubPtr hub, RequestPtr ctx) {
  if (ctx->info.is_resource) co_return co_await route_resource(hub, ctx);
  const auto& path = ctx->info.path;
  if (path == "/kubeloop/v1/flow") co_return serve_flow(hub, ctx);
  bool is_read = ctx->request.method == "GET" || ctx->request.method == "HEAD";
  if (!is_read) co_return page_not_found();
  if (auto response = serve_health(*hub, *ctx)) co_return std::move(*response);
  if (path == "/metrics") co_return serve_metrics(*hub);
  if (auto response = serve_discovery(*hub, *ctx)) co_return std::move(*response);
  co_return page_not_found();
}

}  // namespace kubeloop::apiserver
