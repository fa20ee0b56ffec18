#include "apiserver/strategies/data_keys.hpp"

#include <algorithm>

namespace kubeloop::apiserver {
namespace {

constexpr std::size_t kMaxKeyBytes = 253;

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

}  // namespace

api::Messages check_data_key(const std::string& key) {
  api::Messages messages;
  if (key.size() > kMaxKeyBytes) messages.push_back("must be no more than 253 bytes");
  if (key.empty() || !std::ranges::all_of(key, is_key_char)) {
    messages.push_back(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME', "
        " or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
  }
  if (key == "." || key == "..") {
    messages.push_back("must not be '" + key + "'");
  } else if (key.starts_with("..")) {
    messages.push_back("must not start with '..'");
  }
  return messages;
}

}  // namespace kubeloop::apiserver
