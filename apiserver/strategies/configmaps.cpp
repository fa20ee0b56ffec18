// ConfigMaps: keys that can be file names, at most 1 MiB together, and frozen when immutable.
#include "apiserver/strategies/data_keys.hpp"
#include "apiserver/strategies/kinds.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::size_t kMaxBytes = 1024 * 1024;

void validate(const Json& object, FieldErrors& errors) {
  std::size_t bytes = 0;
  const auto& data = member(object, "data");
  const auto& binary = member(object, "binaryData");
  for (const auto& [key, value] : data.items()) {
    for (auto& cause : api::field::invalid_each("data[" + key + "]", key, check_data_key(key))) errors.push_back(cause);
    if (binary.is_object() && binary.contains(key)) {
      errors.push_back(api::field::invalid("data[" + key + "]", key, "duplicate of key present in binaryData"));
    }
    if (value.is_string()) bytes += value.get_ref<const std::string&>().size();
  }
  for (const auto& [key, value] : binary.items()) {
    for (auto& cause : api::field::invalid_each("binaryData[" + key + "]", key, check_data_key(key)))
      errors.push_back(cause);
    if (value.is_string()) bytes += value.get_ref<const std::string&>().size() / 4 * 3;
  }
  // Kubernetes names no field here, and prints the path without a name so.
  if (bytes > kMaxBytes) errors.push_back(api::field::too_long("[]", kMaxBytes));
}

void validate_update(const Json& object, const Json& old, FieldErrors& errors) {
  if (member(old, "immutable") == true) {
    if (member(object, "immutable") != true) {
      errors.push_back(api::field::forbidden("immutable", "field is immutable when `immutable` is set"));
    }
    for (const char* name : {"data", "binaryData"}) {
      if (member(object, name) != member(old, name)) {
        errors.push_back(api::field::forbidden(name, "field is immutable when `immutable` is set"));
      }
    }
  }
  validate(object, errors);
}

}  // namespace

const Strategy& config_map_strategy() {
  static const Strategy kStrategy{
      .resource = "configmaps",
      .validate = validate,
      .validate_update = validate_update,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
