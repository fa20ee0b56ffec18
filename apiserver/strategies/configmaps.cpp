// ConfigMaps: keys that can be file names, at most 1 MiB together, and frozen when immutable.
#include <algorithm>

#include "apiserver/strategies/kinds.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::size_t kMaxBytes = 1024 * 1024;
constexpr std::size_t kMaxKeyBytes = 253;

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// Source: IsConfigMapKey in apimachinery.
api::Messages check_key(const std::string& key) {
  api::Messages messages;
  if (key.size() > kMaxKeyBytes) messages.push_back("must be no more than 253 bytes");
  if (key.empty() || !std::ranges::all_of(key, is_key_char)) {
    messages.push_back(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME', "
        " or "
        "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
  }
  if (key == "." || key == "..") {
    messages.push_back("must not be '" + key + "'");
  } else if (key.starts_with("..")) {
    messages.push_back("must not start with '..'");
  }
  return messages;
}

void validate(const Json& object, FieldErrors& errors) {
  std::size_t bytes = 0;
  const auto& data = member(object, "data");
  const auto& binary = member(object, "binaryData");
  for (const auto& [key, value] : data.items()) {
    for (auto& cause : api::field::invalid_each("data[" + key + "]", key, check_key(key))) errors.push_back(cause);
    if (binary.is_object() && binary.contains(key)) {
      errors.push_back(api::field::invalid("data[" + key + "]", key, "duplicate of key present in binaryData"));
    }
    if (value.is_string()) bytes += value.get_ref<const std::string&>().size();
  }
  for (const auto& [key, value] : binary.items()) {
    for (auto& cause : api::field::invalid_each("binaryData[" + key + "]", key, check_key(key)))
      errors.push_back(cause);
    if (value.is_string()) bytes += value.get_ref<const std::string&>().size() / 4 * 3;
  }
  if (bytes > kMaxBytes) errors.push_back(api::field::too_long("", kMaxBytes));
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
