// GET of a collection. Matching objects are told by their headers and their bytes spliced; long lists are made in
// slices, so that no other request waits for them.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/output.hpp"
#include "apiserver/registry/list_options.hpp"

namespace kubeloop::apiserver {

awaitable<http::Response> list(HubPtr hub, RequestPtr ctx, Endpoint endpoint);

// The matching objects of a snapshot, up to its limit, with their bytes.
struct Page {
  std::vector<StoredObjectPtr> objects;
  Revision revision = 0;
  std::string continue_token;  // "" at the end
  std::optional<std::int64_t> remaining;

  Page() = default;
};
awaitable<Result<Page>> take_page(HubPtr hub, Endpoint endpoint, std::string namespace_, ListOptions options);

// The list document in the wanted form.
awaitable<http::Response> page_response(HubPtr hub, RequestPtr ctx, Endpoint endpoint, Output output,
                                        std::shared_ptr<const Page> page);

}  // namespace kubeloop::apiserver
