#include "libs/api/codec/json.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;

bool is_empty_value(const json& value) {
  switch (value.type()) {
    case json::value_t::string: return value.get_ref<const std::string&>().empty();
    case json::value_t::boolean: return !value.get<bool>();
    case json::value_t::number_integer:
    case json::value_t::number_unsigned: return value.get<std::int64_t>() == 0;
    case json::value_t::array: return value.empty();
    default: return false;
  }
}

// A default that Kubernetes' encoder would leave out again is declared for readers of the schema only.
bool is_written(const Field& field) {
  if (field.default_value.is_discarded()) return false;
  return field.is_pointer || !field.is_omitted_when_empty || !is_empty_value(field.default_value);
}

void add_absent(const Field& field, json& object) {
  if (is_written(field)) {
    json value = field.default_value;
    if (field.type != nullptr) apply_defaults(*field.type, value);
    object[field.name] = std::move(value);
  } else if (field.type != nullptr && field.shape == Shape::kOne && !field.is_pointer) {
    json value = json::object();
    apply_defaults(*field.type, value);
    if (!value.empty()) object[field.name] = std::move(value);
  }
}

bool has_any_member(const Type& type, const json& object) {
  for (const Field& field : type.fields) {
    if (object.contains(field.name)) return true;
  }
  return false;
}

}  // namespace

void apply_defaults(const Type& type, json& value) {
  if (!value.is_object()) return;
  if (!type.default_member.empty() && !has_any_member(type, value)) value[type.default_member] = json::object();
  for (const Field& field : type.fields) {
    if (field.is_inline) {
      apply_defaults(*field.type, value);
      continue;
    }
    auto at = value.find(field.name);
    if (at == value.end()) {
      add_absent(field, value);
    } else if (field.type == nullptr) {
      continue;
    } else if (field.shape == Shape::kOne) {
      apply_defaults(*field.type, *at);
    } else if (at->is_structured()) {
      for (json& element : *at) apply_defaults(*field.type, element);
    }
  }
}

}  // namespace kubeloop::api
