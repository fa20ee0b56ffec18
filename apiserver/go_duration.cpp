#include "apiserver/go_duration.hpp"

#include <array>
#include <cstdint>
#include <utility>

namespace kubeloop::apiserver {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 7> kUnits{{{"ns", 1},
                                                                           {"us", 1'000},
                                                                           {"\xc2\xb5s", 1'000},
                                                                           {"ms", 1'000'000},
                                                                           {"s", 1'000'000'000},
                                                                           {"m", 60'000'000'000},
                                                                           {"h", 3'600'000'000'000}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The unit at the front of `text`, taken off it; 0 when there is none. "ms" comes before "m" by looking at all letters
// up to the next digit.
std::int64_t take_unit(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && !is_digit(text[end]) && text[end] != '.') ++end;
  auto unit = text.substr(0, end);
  text.remove_prefix(end);
  for (auto [name, nanoseconds] : kUnits) {
    if (unit == name) return nanoseconds;
  }
  return 0;
}

}  // namespace

std::expected<Duration, std::string> parse_go_duration(std::string_view text) {
  auto bad = [&] { return std::unexpected("time: invalid duration \"" + std::string(text) + "\""); };
  auto rest = text;
  bool is_negative = rest.starts_with('-');
  if (is_negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return Duration::zero();
  if (rest.empty()) return bad();
  double total = 0;
  while (!rest.empty()) {
    double value = 0, scale = 1;
    bool has_digits = false, is_fraction = false;
    while (!rest.empty() && (is_digit(rest[0]) || rest[0] == '.')) {
      if (rest[0] == '.') {
        if (is_fraction) return bad();
        is_fraction = true;
      } else {
        has_digits = true;
        value = value * 10 + (rest[0] - '0');
        if (is_fraction) scale *= 10;
      }
      rest.remove_prefix(1);
    }
    if (!has_digits) return bad();
    auto unit = take_unit(rest);
    if (unit == 0) return bad();
    total += value / scale * static_cast<double>(unit);
  }
  if (total > 9.2e18) return bad();
  auto nanoseconds = static_cast<std::int64_t>(total);
  return Duration(is_negative ? -nanoseconds : nanoseconds);
}

}  // namespace kubeloop::apiserver
