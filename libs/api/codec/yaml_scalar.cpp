#include "libs/api/codec/yaml_scalar.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace kubeloop::api {
namespace {

using nlohmann::json;

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  for (auto word : words) {
    if (text == word) return true;
  }
  return false;
}

constexpr std::array<std::string_view, 11> kTrue{"y",    "Y",    "yes", "Yes", "YES", "true",
                                                 "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> kFalse{"n",     "N",     "no",  "No",  "NO", "false",
                                                  "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> kNull{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 12> kNotFinite{".nan",  ".NaN",  ".NAN",  ".inf",  ".Inf",  ".INF",
                                                      "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<json> parse_whole(std::string_view text) {
  bool is_negative = text.front() == '-';
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    char mark = text[1];
    bool is_hex = mark == 'x' || mark == 'X', is_binary = mark == 'b' || mark == 'B',
         is_octal = mark == 'o' || mark == 'O';
    base = is_hex ? 16 : is_binary ? 2 : 8;
    text.remove_prefix(is_hex || is_binary || is_octal ? 2 : 1);
  }
  if (text.empty() || text[0] == '-' || text[0] == '+') return std::nullopt;
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
  if (!is_negative) {
    return value < kTop ? json(static_cast<std::int64_t>(value)) : json(value);
  }
  if (value > kTop) return std::nullopt;
  return json(static_cast<std::int64_t>(~value + 1));
}

// Digits with at most one point and an optional exponent.
bool is_float(std::string_view text) {
  std::size_t at = text.front() == '-' || text.front() == '+' ? 1 : 0;
  std::size_t digits = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) ++digits;
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && is_digit(text[at]); ++at) ++digits;
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    std::size_t first = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == first) return false;
  }
  return at == text.size();
}

// A float without a fraction is written as a whole number in JSON, and so read as one. What is too large for a float is
// left as text.
json parse_float(const std::string& text) {
  double value = std::strtod(text.c_str(), nullptr);
  constexpr double kExact = 9007199254740992.0;
  if (!std::isfinite(value)) return text;
  if (std::floor(value) == value && std::abs(value) <= kExact) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace

std::optional<json> resolve_plain_scalar(std::string_view text) {
  if (is_one_of(text, kNull)) return json();
  if (is_one_of(text, kTrue)) return json(true);
  if (is_one_of(text, kFalse)) return json(false);
  if (is_one_of(text, kNotFinite)) return std::nullopt;
  char first = text.front();
  if (is_digit(first) || first == '-' || first == '+') {
    std::string plain;
    for (char c : text) {
      if (c != '_') plain += c;
    }
    if (auto whole = parse_whole(plain)) return whole;
    if (is_float(plain)) return parse_float(plain);
  } else if (first == '.' && is_float(text)) {
    return parse_float(std::string(text));
  }
  return json(std::string(text));
}

}  // namespace kubeloop::api
