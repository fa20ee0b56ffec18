// OpenAPI v3 documents made from the schema table: kubectl reads them for explain, for create and apply, and for merge
// keys. Pure; making them takes milliseconds, so the hub keeps the result and makes it anew when kinds change.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::api {

struct OpenApiDocument {
  std::string path;  // "api/v1", "apis/coordination.k8s.io/v1": its URL is "/openapi/v3/" + path
  std::string text;
  std::string hash;  // of the text; an ETag, and the `hash` parameter of the URL in the index
};

// One document for each group-version that serves a kind, in the order of discovery.
std::vector<OpenApiDocument> openapi_documents(const Schema& schema);

// GET /openapi/v3: where the documents are.
std::string openapi_index(const std::vector<OpenApiDocument>& documents);

// The Content-Type of GET /openapi/v2, whose body is empty: a valid message without definitions, which is all that
// clients need beside v3. (Clients ask for the type with an "@", and cannot parse an answer that has it.)
inline constexpr std::string_view kOpenApiV2MediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

}  // namespace kubeloop::api
