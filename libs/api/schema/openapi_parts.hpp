// The two halves of an OpenAPI v3 document: the component schemas, collected as they are referred to, and the paths of
// a kind. Plain JSON in the shape that upstream's documents have, since clients look for it.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::api {

// Collects the schemas of types, and of all types these refer to.
class OpenApiComponents {
 public:
  // `schema` must outlive this.
  explicit OpenApiComponents(const Schema& schema) : schema_(schema) {}

  // {"$ref": ...} to the schema of a type, of a kind's list, or of one that has no entry in the table.
  nlohmann::json refer(const Type& type);
  nlohmann::json refer_list(const KindInfo& kind);
  nlohmann::json refer_named(std::string_view table_name);  // "meta/v1.DeleteOptions"
  // The type of a kind of the table; a plain object when the table does not have it.
  nlohmann::json refer_kind(std::string_view group, std::string_view version, std::string_view kind);
  nlohmann::json refer_patch();

  nlohmann::json take() { return std::move(schemas_); }

 private:
  nlohmann::json reference(const std::string& component) const;
  void add_properties(const Type& type, nlohmann::json& properties, nlohmann::json& required);
  nlohmann::json property(const Field& field);
  nlohmann::json element(const Field& field, bool is_pointer);
  nlohmann::json refer_scalar(Scalar scalar);

  const Schema& schema_;
  nlohmann::json schemas_ = nlohmann::json::object();
};

// Adds the paths of one served kind: collection, item, and its subresources, with their operations.
void add_openapi_paths(const KindInfo& kind, OpenApiComponents& components, nlohmann::json& paths);

// {"group": ..., "version": ..., "kind": ...}
nlohmann::json openapi_kind(std::string_view group, std::string_view version, std::string_view kind);

}  // namespace kubeloop::api
