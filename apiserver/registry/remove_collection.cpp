#include "apiserver/output.hpp"
#include "apiserver/registry/list.hpp"
#include "apiserver/registry/remove.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> remove_collection(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  auto output = negotiate_output(*ctx, false);
  if (!output) co_return status_response(*ctx, output.error());
  auto options = read_delete_options(*ctx, hub->schema);
  if (!options) co_return status_response(*ctx, options.error());
  warn_of_orphans(*ctx, endpoint, *options);
  auto selection = read_list_options(*ctx, endpoint);
  if (!selection) co_return status_response(*ctx, selection.error());
  auto page = co_await take_page(hub, endpoint, ctx->info.namespace_, *selection);
  if (!page) co_return status_response(*ctx, page.error());
  auto shared = std::make_shared<const Page>(std::move(*page));
  std::optional<Status> first_error;
  for (const auto& object : shared->objects) {
    auto namespace_ = object->header->namespace_;
    auto name = object->header->name;
    auto removed = co_await remove_one(hub, ctx, endpoint, namespace_, name, *options);
    // Gone in the meantime is as good.
    if (!removed && removed.error().code != 404 && !first_error) first_error = removed.error();
  }
  if (first_error) co_return status_response(*ctx, *first_error);
  co_return co_await page_response(hub, ctx, endpoint, *output, shared);
}

}  // namespace kubeloop::apiserver
