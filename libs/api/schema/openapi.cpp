#include "libs/api/schema/openapi.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/schema/openapi_parts.hpp"
#include "libs/base/crypto/sha256.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;

json document_of(const Schema& schema, const std::vector<const KindInfo*>& kinds) {
  json paths = json::object();
  OpenApiComponents components(schema);
  for (const KindInfo* kind : kinds) {
    add_openapi_paths(*kind, components, paths);
  }
  json document;
  document["openapi"] = "3.0.0";
  document["info"]["title"] = "Kubernetes";
  document["info"]["version"] = "v1.35.0";
  document["paths"] = std::move(paths);
  document["components"]["schemas"] = components.take();
  return document;
}

}  // namespace

std::vector<OpenApiDocument> openapi_documents(const Schema& schema) {
  std::vector<std::pair<std::string, std::vector<const KindInfo*>>> by_path;
  for (const auto& kind : schema.kinds()) {
    if (!kind->is_served) continue;
    const std::string path = (kind->group.empty() ? "api/" : "apis/") + kind->api_version();
    if (by_path.empty() || by_path.back().first != path) by_path.emplace_back(path, std::vector<const KindInfo*>());
    by_path.back().second.push_back(kind.get());
  }
  std::vector<OpenApiDocument> documents;
  for (const auto& [path, kinds] : by_path) {
    OpenApiDocument document;
    document.path = path;
    document.text = document_of(schema, kinds).dump();
    document.hash = crypto::sha256_hex(document.text);
    documents.push_back(std::move(document));
  }
  return documents;
}

std::string openapi_index(const std::vector<OpenApiDocument>& documents) {
  json index;
  index["paths"] = json::object();
  for (const OpenApiDocument& document : documents) {
    index["paths"][document.path]["serverRelativeURL"] = "/openapi/v3/" + document.path + "?hash=" + document.hash;
  }
  return index.dump();
}

}  // namespace kubeloop::api
