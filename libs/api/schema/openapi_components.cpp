#include <algorithm>

#include "libs/api/schema/openapi_parts.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;

// "core/v1.PodSpec" -> "io.k8s.api.core.v1.PodSpec"
std::string component_name(std::string_view type_name) {
  std::string name = type_name.starts_with("meta/") ? "io.k8s.apimachinery.pkg.apis." : "io.k8s.api.";
  name += type_name;
  std::ranges::replace(name, '/', '.');
  return name;
}

// Scalars that are components of their own, and what a reader is told of them.
struct ScalarComponent {
  Scalar scalar;
  const char* name;
  const char* schema;
};

constexpr ScalarComponent kScalarComponents[] = {
    {Scalar::kQuantity, "io.k8s.apimachinery.pkg.api.resource.Quantity",
     R"({"oneOf":[{"type":"string"},{"type":"number"}],"description":"An exact amount of a resource: a number with an )"
     R"(optional suffix, decimal (n u m k M G T P E) or binary (Ki Mi Gi Ti Pi Ei), such as 500m or 1.5Gi."})"},
    {Scalar::kIntOrString, "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
     R"({"oneOf":[{"type":"integer"},{"type":"string"}],"format":"int-or-string","description":"A whole number, or a )"
     R"(string: the name of a port, or a percentage such as 25%."})"},
    {Scalar::kTime, "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
     R"({"type":"string","format":"date-time","description":"A time to the second, as in RFC 3339."})"},
    {Scalar::kMicroTime, "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
     R"({"type":"string","format":"date-time","description":"A time to the microsecond, as in RFC 3339."})"},
    {Scalar::kDuration, "io.k8s.apimachinery.pkg.apis.meta.v1.Duration",
     R"({"type":"string","description":"A span of time such as 1h30m or 10s."})"},
    {Scalar::kRaw, "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
     R"({"type":"object","description":"A set of field names, nested as the object's fields are; keys begin with f: )"
     R"(for a field, k: for a list element by its keys, v: for a list element by its value."})"},
};

json plain_scalar(Scalar scalar, bool with_default) {
  json schema;
  switch (scalar) {
    case Scalar::kInt32:
    case Scalar::kInt64:
      schema["type"] = "integer";
      schema["format"] = scalar == Scalar::kInt32 ? "int32" : "int64";
      if (with_default) schema["default"] = 0;
      break;
    case Scalar::kDouble:
      schema["type"] = "number";
      schema["format"] = "double";
      if (with_default) schema["default"] = 0;
      break;
    case Scalar::kBool:
      schema["type"] = "boolean";
      if (with_default) schema["default"] = false;
      break;
    case Scalar::kBytes:
      schema["type"] = "string";
      schema["format"] = "byte";
      break;
    default:
      schema["type"] = "string";
      if (with_default) schema["default"] = "";
      break;
  }
  return schema;
}

const char* strategy_name(MergeStrategy strategy) {
  switch (strategy) {
    case MergeStrategy::kReplace: return "replace";
    case MergeStrategy::kMerge: return "merge";
    case MergeStrategy::kRetainKeys: return "retainKeys";
    case MergeStrategy::kMergeRetainKeys: return "merge,retainKeys";
    case MergeStrategy::kNone: break;
  }
  return nullptr;
}

void add_merge_facts(const Field& field, json& schema) {
  if (const char* strategy = strategy_name(field.merge_strategy)) schema["x-kubernetes-patch-strategy"] = strategy;
  if (!field.merge_key.empty()) schema["x-kubernetes-patch-merge-key"] = field.merge_key;
  if (field.list_type.empty()) return;
  schema[field.shape == Shape::kList ? "x-kubernetes-list-type" : "x-kubernetes-map-type"] = field.list_type;
  if (!field.list_map_keys.empty()) schema["x-kubernetes-list-map-keys"] = field.list_map_keys;
}

}  // namespace

json openapi_kind(std::string_view group, std::string_view version, std::string_view kind) {
  json entry;
  entry["group"] = group;
  entry["version"] = version;
  entry["kind"] = kind;
  return entry;
}

json OpenApiComponents::reference(const std::string& component) const {
  json entry;
  entry["$ref"] = "#/components/schemas/" + component;
  return entry;
}

json OpenApiComponents::refer(const Type& type) {
  const std::string name = component_name(type.name);
  if (schemas_.contains(name)) return reference(name);
  schemas_[name] = json::object();  // Known before its fields are: types may refer to themselves.
  json schema;
  schema["type"] = "object";
  schema["description"] = type.description;
  json properties = json::object();
  json required = json::array();
  add_properties(type, properties, required);
  if (!properties.empty()) schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  if (type.is_atomic) schema["x-kubernetes-map-type"] = "atomic";
  for (const auto& kind : schema_.kinds()) {
    if (kind->type != &type) continue;
    schema["x-kubernetes-group-version-kind"].push_back(openapi_kind(kind->group, kind->version, kind->kind));
  }
  schemas_[name] = std::move(schema);
  return reference(name);
}

json OpenApiComponents::refer_list(const KindInfo& kind) {
  const std::string name = component_name(kind.type->name) + "List";
  if (schemas_.contains(name)) return reference(name);
  json schema;
  schema["type"] = "object";
  schema["description"] = "A list of " + kind.plural + ".";
  json& properties = schema["properties"];
  for (const char* field : {"apiVersion", "kind"}) {
    properties[field]["type"] = "string";
    properties[field]["description"] = schema_.find_type("meta/v1.TypeMeta")->find(field)->description;
  }
  json items;
  items["type"] = "array";
  items["description"] = "The objects.";
  items["items"]["allOf"].push_back(refer(*kind.type));
  items["items"]["default"] = json::object();
  properties["items"] = std::move(items);
  json metadata;
  metadata["description"] = "The revision of the list, and where it goes on.";
  metadata["allOf"].push_back(refer_named("meta/v1.ListMeta"));
  metadata["default"] = json::object();
  properties["metadata"] = std::move(metadata);
  schema["required"].push_back("items");
  schema["x-kubernetes-group-version-kind"].push_back(openapi_kind(kind.group, kind.version, kind.list_kind));
  schemas_[name] = std::move(schema);
  return reference(name);
}

json OpenApiComponents::refer_named(std::string_view table_name) { return refer(*schema_.find_type(table_name)); }

json OpenApiComponents::refer_kind(std::string_view group, std::string_view version, std::string_view kind) {
  const KindInfo* info = schema_.find_kind(group, version, kind);
  if (info != nullptr) return refer(*info->type);
  json schema;
  schema["type"] = "object";
  return schema;
}

json OpenApiComponents::refer_patch() {
  const std::string name = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";
  json& schema = schemas_[name];
  schema["type"] = "object";
  schema["description"] = "A change to an object, in one of the patch formats; the Content-Type says which.";
  return reference(name);
}

json OpenApiComponents::refer_scalar(Scalar scalar) {
  for (const ScalarComponent& component : kScalarComponents) {
    if (component.scalar != scalar) continue;
    if (!schemas_.contains(component.name)) schemas_[component.name] = json::parse(component.schema);
    return reference(component.name);
  }
  return json();
}

void OpenApiComponents::add_properties(const Type& type, json& properties, json& required) {
  for (const Field& field : type.fields) {
    if (field.is_inline) {
      add_properties(*field.type, properties, required);
      continue;
    }
    properties[field.name] = property(field);
    if (field.is_required) required.push_back(field.name);
  }
}

// One value of a field: what stands in the field itself, in its list or in its map.
json OpenApiComponents::element(const Field& field, bool is_pointer) {
  if (field.type != nullptr) {
    json schema;
    if (is_pointer) return refer(*field.type);
    schema["allOf"].push_back(refer(*field.type));
    schema["default"] = json::object();
    return schema;
  }
  if (json reference = refer_scalar(field.scalar); !reference.is_null()) return reference;
  return plain_scalar(field.scalar, !is_pointer);
}

json OpenApiComponents::property(const Field& field) {
  json schema;
  if (field.shape == Shape::kList) {
    schema["type"] = "array";
    schema["items"] = element(field, /*is_pointer=*/false);
  } else if (field.shape == Shape::kMap) {
    schema["type"] = "object";
    schema["additionalProperties"] = element(field, /*is_pointer=*/false);
  } else {
    // Readers of a document take a default to mean: never absent. An optional scalar has none, a struct always has.
    const bool may_be_absent = field.is_pointer || (field.type == nullptr && field.is_omitted_when_empty);
    schema = element(field, may_be_absent);
    // Nothing may stand beside a plain $ref.
    if (schema.contains("$ref")) {
      json wrapped;
      wrapped["allOf"].push_back(std::move(schema));
      schema = std::move(wrapped);
    }
    if (!field.enum_values.empty()) schema["enum"] = field.enum_values;
  }
  if (field.shape == Shape::kList && !field.enum_values.empty()) schema["items"]["enum"] = field.enum_values;
  if (!field.default_value.is_discarded()) schema["default"] = field.default_value;
  schema["description"] = field.description;
  add_merge_facts(field, schema);
  return schema;
}

}  // namespace kubeloop::api
