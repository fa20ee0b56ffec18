#include "simulator/checks/find_resource.hpp"

#include <algorithm>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::simulator {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

Result<api::Resource> find_resource(const std::string& kind) {
  std::string wanted = lower(kind);
  for (const auto& info : api::Schema::builtin().kinds()) {
    if (!info->is_served) continue;
    bool is_short = std::ranges::find(info->short_names, wanted) != info->short_names.end();
    if (wanted == lower(info->kind) || wanted == info->plural || wanted == info->singular || is_short) {
      return api::Resource{info->group, info->version, info->plural, info->kind, info->is_namespaced};
    }
  }
  return failure(400, "BadRequest", "the server knows no kind \"" + kind + "\"");
}

}  // namespace kubeloop::simulator
