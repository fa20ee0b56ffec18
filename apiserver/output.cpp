#include "apiserver/output.hpp"

#include "apiserver/responses.hpp"
#include "apiserver/storage/object_bytes.hpp"
#include "libs/api/codec/json_text.hpp"
#include "libs/api/codec/plain_json.hpp"
#include "libs/api/codec/yaml.hpp"

namespace kubeloop::apiserver {

Result<Output> negotiate_output(const RequestContext& ctx, bool is_watch) {
  auto format = negotiate(ctx.request, ctx.url, is_watch);
  if (!format) return failure(api::not_acceptable({"application/json", "application/yaml"}));
  auto include = parse_include_object(ctx.url.get("includeObject"));
  if (!include) return std::unexpected(include.error());
  Output out;
  out.format = *format;
  out.include_object = *include;
  return out;
}

Json object_tree(const Endpoint& endpoint, const StoredObject& object) {
  auto text = splice_revision(*object.value, *object.header, object.revision);
  auto tree = api::parse_document(text);
  if (object.revision == 0 && tree.is_object()) tree["metadata"].erase("resourceVersion");
  endpoint.from_stored(tree);
  return tree;
}

Json partial_metadata(const Json& object, const std::string& transform_version) {
  Json out = Json::object();
  out["kind"] = "PartialObjectMetadata";
  out["apiVersion"] = "meta.k8s.io/" + transform_version;
  out["metadata"] = member(object, "metadata");
  return out;
}

http::Response tree_response(const RequestContext& ctx, const Output& output, int code, const Json& tree) {
  if (output.format.format == Format::kYaml) {
    return http::Response(code, output.format.content_type(), api::to_yaml(tree));
  }
  return json_response(ctx, code, api::json_text(tree));
}

http::Response object_tree_response(HubState& hub, const RequestContext& ctx, const Output& output, int code,
                                    const std::string& resource, Json tree) {
  if (output.format.transform == Transform::kPartialObjectMetadata) {
    tree = partial_metadata(tree, output.format.transform_version);
  } else if (output.format.transform == Transform::kTable) {
    TableMetadata metadata;
    metadata.resource_version = text_at(member(tree, "metadata"), "resourceVersion");
    TableOptions options;
    options.include_object = output.include_object;
    options.api_version = "meta.k8s.io/" + output.format.transform_version;
    std::vector<Json> rows;
    rows.push_back(std::move(tree));
    tree = make_table(resource, rows, hub.env.clock.wall(), metadata, options);
  }
  return tree_response(ctx, output, code, tree);
}

http::Response object_response(HubState& hub, const RequestContext& ctx, const Endpoint& endpoint, const Output& output,
                               int code, const StoredObject& object) {
  if (output.is_plain(endpoint) && object.revision != 0) {
    return json_response(ctx, code, splice_revision(*object.value, *object.header, object.revision));
  }
  auto tree = object_tree(endpoint, object);
  return object_tree_response(hub, ctx, output, code, endpoint.kind->group_resource(), std::move(tree));
}

}  // namespace kubeloop::apiserver
