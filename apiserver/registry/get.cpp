#include "apiserver/registry/get.hpp"

#include "apiserver/output.hpp"
#include "apiserver/registry/list_options.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver {

awaitable<Result<StoredObjectPtr>> get_stored(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  auto asked = ctx->url.get("resourceVersion");
  auto revision = parse_revision(asked);
  if (!revision) co_return std::unexpected(revision.error());
  // "": the latest there is; N: no older than that.
  Revision wanted = asked.empty() ? hub->store.current() : *revision;
  constexpr Duration kLongestWait = std::chrono::seconds(3);
  bool is_there = co_await wait_until_applied(hub, wanted, kLongestWait);
  if (!is_there) {
    co_return failure(api::too_large_resource_version(wanted, hub->objects.revision()));
  }
  auto object = hub->objects.get(endpoint.key(ctx->info.namespace_, ctx->info.name));
  if (!object) co_return failure(api::not_found(endpoint.kind->group_resource(), ctx->info.name));
  co_return object;
}

awaitable<http::Response> get(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  auto output = negotiate_output(*ctx, false);
  if (!output) co_return status_response(*ctx, output.error());
  auto object = co_await get_stored(hub, ctx, endpoint);
  if (!object) co_return status_response(*ctx, object.error());
  co_return object_response(*hub, *ctx, endpoint, *output, 200, **object);
}

}  // namespace kubeloop::apiserver
