#include "apiserver/registry/object_header.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "apiserver/storage/object_bytes.hpp"
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {
namespace {

std::string as_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number()) return value.dump();
  if (value.is_array()) {
    // Lists of {ip: ...} (status.podIPs) and of plain values.
    std::string out;
    for (const auto& one : value) {
      if (!out.empty()) out += ',';
      out += one.is_object() && !one.empty() ? as_text(one.begin().value()) : as_text(one);
    }
    return out;
  }
  return "";
}

std::string zero_of(const api::Field* field) {
  if (!field || field->shape != api::Shape::kOne) return "";
  switch (field->scalar) {
    case api::Scalar::kBool:
      return "false";
    case api::Scalar::kInt32:
    case api::Scalar::kInt64:
      return "0";
    default:
      return "";
  }
}

}  // namespace

std::string field_text(const api::KindInfo& kind, const Json& object, std::string_view path) {
  // An event's source is its component, else its reporter (source: EventStrategy's ToSelectableFields).
  if (kind.plural == "events" && path == "source") {
    auto component = text_at(member(object, "source"), "component");
    return component.empty() ? text_at(object, "reportingComponent") : component;
  }
  // Jobs select by a name that their status has no field of (source: JobToSelectableFields).
  if (kind.plural == "jobs" && path == "status.successful") path = "status.succeeded";
  const Json* at = &object;
  const api::Type* type = kind.type;
  const api::Field* field = nullptr;
  while (!path.empty()) {
    auto dot = path.find('.');
    auto name = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    field = type ? type->find(name) : nullptr;
    type = field ? field->type : nullptr;
    at = &member(*at, name);
  }
  return at->is_null() ? zero_of(field) : as_text(*at);
}

Header make_header(const api::KindInfo& kind, const Json& object) {
  Header header;
  const auto& metadata = member(object, "metadata");
  header.resource = kind.group_resource();
  header.namespace_ = text_at(metadata, "namespace");
  header.name = text_at(metadata, "name");
  header.uid = text_at(metadata, "uid");
  for (const auto& [key, value] : member(metadata, "labels").items()) {
    if (value.is_string()) header.labels.emplace_back(key, value.get<std::string>());
  }
  for (const auto& path : kind.selectable_fields) header.fields.emplace_back(path, field_text(kind, object, path));
  std::ranges::sort(header.labels);
  std::ranges::sort(header.fields);
  return header;
}

Encoded encode_object(const api::KindInfo& kind, const Json& object) {
  Header header = make_header(kind, object);
  auto value = std::make_shared<std::string>(encode_stored(object, header));
  Encoded out;
  out.header = std::make_shared<Header>(std::move(header));
  out.value = std::move(value);
  return out;
}

std::string header_field(const Header& header, std::string_view path) {
  if (path == "metadata.name") return header.name;
  if (path == "metadata.namespace") return header.namespace_;
  auto it = std::ranges::lower_bound(header.fields, path, {},
                                     [](const auto& field) { return std::string_view(field.first); });
  return it != header.fields.end() && it->first == path ? it->second : "";
}

}  // namespace kubeloop::apiserver
