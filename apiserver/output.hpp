// How objects go out: as stored bytes, converted to another version, as a Table or as metadata alone, in JSON or YAML.
// Bytes are spliced where nothing has to change; everything else goes through a tree.
#pragma once
#include <string>

#include <nlohmann/json.hpp>

#include "apiserver/hub_state.hpp"
#include "apiserver/negotiation.hpp"
#include "apiserver/printers/table.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

struct Output {
  OutputFormat format;
  IncludeObject include_object = IncludeObject::kMetadata;

  // Stored bytes may be sent as they are.
  bool is_plain(const Endpoint& endpoint) const {
    return format.transform == Transform::kNone && format.format == Format::kJson && !endpoint.is_converted();
  }
};

// 406 when no clause of Accept fits, 400 for a bad includeObject.
Result<Output> negotiate_output(const RequestContext& ctx, bool is_watch);

// The object as the path's version has it, with its resourceVersion (none when the revision is 0).
nlohmann::json object_tree(const Endpoint& endpoint, const StoredObject& object);
// apiVersion, kind and metadata of it.
nlohmann::json partial_metadata(const nlohmann::json& object, const std::string& transform_version);

// A tree in the wanted format, as it is.
http::Response tree_response(const RequestContext& ctx, const Output& output, int code, const nlohmann::json& tree);
// One object, given as a tree, in the wanted form; `resource` names its printer.
http::Response object_tree_response(HubState& hub, const RequestContext& ctx, const Output& output, int code,
                                    const std::string& resource, nlohmann::json tree);
// One object in the wanted form.
http::Response object_response(HubState& hub, const RequestContext& ctx, const Endpoint& endpoint, const Output& output,
                               int code, const StoredObject& object);

}  // namespace kubeloop::apiserver
