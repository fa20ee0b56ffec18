#include "simulator/scenario/object_target.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::simulator {
namespace {

std::string text_at(const nlohmann::json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

}  // namespace

std::string namespace_of(const api::Resource& resource, const std::string& given) {
  if (!resource.is_namespaced) return "";
  return given.empty() ? "default" : given;
}

Result<ObjectTarget> target_of(const nlohmann::json& object) {
  std::string api_version = text_at(object, "apiVersion"), kind = text_at(object, "kind");
  auto slash = api_version.find('/');
  std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  std::string version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  const auto* info = api::Schema::builtin().find_kind(group, version, kind);
  if (!info || !info->is_served) {
    return failure(404, "NotFound", "no matches for kind \"" + kind + "\" in version \"" + api_version + "\"");
  }
  ObjectTarget target{{info->group, info->version, info->plural, info->kind, info->is_namespaced}, ""};
  std::string given = object.contains("metadata") ? text_at(object["metadata"], "namespace") : "";
  target.namespace_ = namespace_of(target.resource, given);
  return target;
}

}  // namespace kubeloop::simulator
