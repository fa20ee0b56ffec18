#include "controller-manager/controllers/deployment/template_hash.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

#include "libs/api/codec/json_text.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

void drop_nothings(json& value) {
  if (value.is_array()) {
    for (auto& element : value) drop_nothings(element);
  }
  if (!value.is_object()) return;
  for (auto it = value.begin(); it != value.end();) {
    drop_nothings(it.value());
    if (it->is_null() || (it->is_array() && it->empty())) {
      it = value.erase(it);
    } else {
      ++it;
    }
  }
}

std::uint32_t add_byte(std::uint32_t sum, unsigned char byte) {
  return (sum ^ byte) * 16777619u;
}

}  // namespace

std::string canonical_template(const std::string& text) {
  json document = json::parse(text, nullptr, false);
  if (!document.is_object()) return text;
  drop_nothings(document);
  auto metadata = document.find("metadata");
  if (metadata != document.end() && metadata->is_object()) {
    auto labels = metadata->find("labels");
    if (labels != metadata->end() && labels->is_object()) {
      labels->erase(kTemplateHashLabel);
      if (labels->empty()) metadata->erase("labels");
    }
    if (metadata->empty()) document.erase("metadata");
  }
  return api::json_text(document);
}

std::string template_hash(const std::string& canonical, std::optional<std::int64_t> collision_count) {
  std::uint32_t sum = 2166136261u;
  for (char c : canonical) sum = add_byte(sum, static_cast<unsigned char>(c));
  if (collision_count) {
    auto count = static_cast<std::uint64_t>(*collision_count);
    for (int i = 0; i < 8; ++i) sum = add_byte(sum, static_cast<unsigned char>(count >> (8 * i)));
  }
  // Source: SafeEncodeString in apimachinery.
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::string result;
  for (char digit : std::to_string(sum)) {
    result += kLetters[static_cast<unsigned char>(digit) % kLetters.size()];
  }
  return result;
}

}  // namespace kubeloop::controller_manager
