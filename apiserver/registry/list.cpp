#include "apiserver/registry/list.hpp"

#include <fmt/core.h>

#include "apiserver/registry/continue_token.hpp"
#include "apiserver/registry/snapshot.hpp"
#include "apiserver/responses.hpp"
#include "apiserver/storage/object_bytes.hpp"
#include "libs/api/codec/json_text.hpp"
#include "libs/api/codec/yaml.hpp"

namespace kubeloop::apiserver {
namespace {

// Objects worked on before others get their turn: headers are quick, splicing a copy, a tree a parse.
constexpr std::size_t kHeadersPerSlice = 5000;
constexpr std::size_t kSplicesPerSlice = 500;
constexpr std::size_t kTreesPerSlice = 20;

// One item, in the form the client wants, appended to `items`.
class ItemWriter {
 public:
  ItemWriter(const Endpoint& endpoint, const Output& output, WallTime now)
      : endpoint_(endpoint), output_(output), now_(now) {}

  void add(const StoredObject& object) {
    if (!items_.empty()) items_ += ',';
    if (output_.format.transform == Transform::kNone && !endpoint_.is_converted()) {
      append_object(items_, *object.value, *object.header, object.revision, false);
      return;
    }
    auto tree = object_tree(endpoint_, object);
    if (output_.format.transform == Transform::kTable) {
      add_row(std::move(tree));
    } else if (output_.format.transform == Transform::kPartialObjectMetadata) {
      items_ += api::json_text(partial_metadata(tree, output_.format.transform_version));
    } else {
      tree.erase("kind");
      tree.erase("apiVersion");
      items_ += api::json_text(tree);
    }
  }

  // The document around the items.
  std::string finish(const Page& page) const {
    std::string metadata;
    if (!page.continue_token.empty()) metadata += R"("continue":")" + page.continue_token + R"(",)";
    if (page.remaining) metadata += fmt::format(R"("remainingItemCount":{},)", *page.remaining);
    metadata += fmt::format(R"("resourceVersion":"{}")", page.revision);
    auto meta_version = "meta.k8s.io/" + output_.format.transform_version;
    auto document = [&](std::string_view kind, std::string_view version, std::string_view before,
                        std::string_view name) {
      return fmt::format(R"({{"kind":"{}","apiVersion":"{}","metadata":{{{}}},{}"{}":[{}]}})", kind, version, metadata,
                         before, name, items_);
    };
    switch (output_.format.transform) {
      case Transform::kTable: {
        auto columns = R"("columnDefinitions":)" + api::json_text(make_rows({}).at("columnDefinitions")) + ",";
        return document("Table", meta_version, columns, "rows");
      }
      case Transform::kPartialObjectMetadata:
        return document("PartialObjectMetadataList", meta_version, "", "items");
      case Transform::kNone:
        break;
    }
    return document(endpoint_.kind->list_kind, endpoint_.kind->api_version(), "", "items");
  }

 private:
  void add_row(Json tree) {
    std::vector<Json> one;
    one.push_back(std::move(tree));
    items_ += api::json_text(make_rows(one).at("rows").at(0));
  }
  Json make_rows(const std::vector<Json>& objects) const {
    TableOptions options;
    options.include_object = output_.include_object;
    options.api_version = "meta.k8s.io/" + output_.format.transform_version;
    return make_table(endpoint_.kind->group_resource(), objects, now_, TableMetadata(), options);
  }

  Endpoint endpoint_;
  Output output_;
  WallTime now_;
  std::string items_;
};

}  // namespace

awaitable<Result<Page>> take_page(HubPtr hub, Endpoint endpoint, std::string namespace_, ListOptions options) {
  auto snapshot = co_await take_snapshot(hub, endpoint, namespace_, options);
  if (!snapshot) co_return std::unexpected(snapshot.error());
  Page page;
  page.revision = snapshot->revision;
  const auto& all = snapshot->objects;
  auto limit = static_cast<std::size_t>(snapshot->limit);
  std::size_t i = 0;
  bool is_full = false;
  for (; i < all.size() && !is_full; ++i) {
    if (i % kHeadersPerSlice == kHeadersPerSlice - 1) co_await yield(hub->env);
    auto object = all[i];
    if (!object->value || !object->header) {
      auto whole = co_await with_bytes(hub, object);
      if (!whole) co_return std::unexpected(whole.error());
      object = *whole;
    }
    if (!options.matches(*object->header)) continue;
    page.objects.push_back(std::move(object));
    is_full = limit != 0 && page.objects.size() == limit;
  }
  if (i < all.size()) {
    auto last = std::string_view(page.objects.back()->key).substr(snapshot->prefix.size());
    page.continue_token = encode_continue(last, static_cast<std::int64_t>(page.revision));
    if (options.selects_all()) page.remaining = static_cast<std::int64_t>(all.size() - i);
  }
  co_return page;
}

awaitable<http::Response> page_response(HubPtr hub, RequestPtr ctx, Endpoint endpoint, Output output,
                                        std::shared_ptr<const Page> page) {
  ItemWriter writer(endpoint, output, hub->env.clock.wall());
  bool is_spliced = output.format.transform == Transform::kNone && !endpoint.is_converted();
  std::size_t slice = is_spliced ? kSplicesPerSlice : kTreesPerSlice;
  for (std::size_t i = 0; i < page->objects.size(); ++i) {
    if (i % slice == slice - 1) co_await yield(hub->env);
    writer.add(*page->objects[i]);
  }
  auto document = writer.finish(*page);
  if (output.format.format == Format::kJson) co_return json_response(*ctx, 200, std::move(document));
  auto tree = Json::parse(document, nullptr, false);
  co_return tree_response(*ctx, output, 200, tree);
}

awaitable<http::Response> list(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  auto output = negotiate_output(*ctx, false);
  if (!output) co_return status_response(*ctx, output.error());
  auto options = read_list_options(*ctx, endpoint);
  if (!options) co_return status_response(*ctx, options.error());
  auto page = co_await take_page(hub, endpoint, ctx->info.namespace_, *options);
  if (!page) co_return status_response(*ctx, page.error());
  auto shared = std::make_shared<const Page>(std::move(*page));
  co_return co_await page_response(hub, ctx, endpoint, *output, shared);
}

}  // namespace kubeloop::apiserver
