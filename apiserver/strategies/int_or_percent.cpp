#include "apiserver/strategies/int_or_percent.hpp"

#include <algorithm>

namespace kubeloop::apiserver {
namespace {

// The decimal number that all of the text is, capped.
std::optional<std::int64_t> whole_number(std::string_view text) {
  constexpr std::int64_t kCap = 1'000'000'000;
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + (c - '0'), kCap);
  }
  return value;
}

}  // namespace

std::optional<std::int64_t> percentage(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  if (!text.ends_with('%')) return std::nullopt;
  return whole_number(std::string_view(text).substr(0, text.size() - 1));
}

std::int64_t count_or_percentage(const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return 0;
  if (auto percent = percentage(value)) return *percent;
  return whole_number(value.get_ref<const std::string&>()).value_or(0);
}

void check_int_or_percent(const Json& value, const std::string& path, FieldErrors& errors) {
  if (value.is_number_integer()) {
    if (value.get<std::int64_t>() >= 0) return;
    errors.push_back(api::field::invalid(path, value, "must be greater than or equal to 0"));
  } else if (value.is_string() && !percentage(value)) {
    errors.push_back(api::field::invalid(path, value,
                                         "a valid percent string must be a numeric string followed by an ending '%' "
                                         "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"));
  }
}

}  // namespace kubeloop::apiserver
