#include "simulator/story/secret_mask.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "libs/base/crypto/base64.hpp"
#include "libs/base/crypto/sha256.hpp"

namespace kubeloop::simulator {
namespace {

constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

}  // namespace

std::string SecretMask::masked(const std::string& field, const nlohmann::json& value, bool is_base64) {
  std::string bytes = value.is_string() ? value.get<std::string>() : value.dump();
  if (is_base64) {
    if (auto decoded = crypto::base64_decode(bytes)) bytes = std::move(*decoded);
  }
  auto& known = numbers_[field];
  auto number = known.emplace(crypto::sha256_hex(bytes), known.size() + 1).first->second;
  return fmt::format("(hidden, {} bytes, value {})", bytes.size(), number);
}

void SecretMask::hide(const std::string& key, nlohmann::json& secret) {
  for (const char* part : {"data", "stringData"}) {
    auto found = secret.find(part);
    if (found == secret.end() || !found->is_object()) continue;
    for (auto& [name, value] : found->items()) {
      value = masked(key + " " + name, value, std::string_view(part) == "data");
    }
  }
  auto metadata = secret.find("metadata");
  if (metadata == secret.end() || !metadata->is_object()) return;
  auto annotations = metadata->find("annotations");
  if (annotations == metadata->end() || !annotations->is_object()) return;
  auto applied = annotations->find(kLastApplied);
  if (applied != annotations->end()) *applied = "(hidden)";
}

}  // namespace kubeloop::simulator
