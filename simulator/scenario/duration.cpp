#include <fmt/format.h>

#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

std::optional<Duration> parse_duration(std::string_view text) {
  static constexpr std::pair<std::string_view, long double> kUnits[] = {
      {"ns", 1.0L}, {"us", 1e3L}, {"ms", 1e6L}, {"s", 1e9L}, {"m", 60e9L}, {"h", 3600e9L}};
  constexpr long double kMax = 1e18L;  // some thirty years
  if (text == "0") return Duration::zero();
  if (text.empty()) return std::nullopt;
  long double total = 0;
  while (!text.empty()) {
    long double value = 0, scale = 1;
    std::size_t i = 0;
    bool has_digit = false, has_point = false;
    for (; i < text.size() && ((text[i] >= '0' && text[i] <= '9') || text[i] == '.'); ++i) {
      if (text[i] == '.') {
        if (has_point) return std::nullopt;
        has_point = true;
      } else {
        has_digit = true;
        value = value * 10 + (text[i] - '0');
        if (has_point) scale *= 10;
      }
    }
    std::size_t unit_end = i;
    while (unit_end < text.size() && text[unit_end] >= 'a' && text[unit_end] <= 'z') ++unit_end;
    std::string_view unit = text.substr(i, unit_end - i);
    if (!has_digit) return std::nullopt;
    bool is_known = false;
    for (const auto& [name, nanos] : kUnits) {
      if (name != unit) continue;
      total += value / scale * nanos;
      is_known = true;
    }
    if (!is_known || total > kMax) return std::nullopt;
    text.remove_prefix(unit_end);
  }
  return Duration(static_cast<std::int64_t>(total));
}

std::string format_duration(Duration duration) {
  auto ns = duration.count();
  if (ns % 1'000'000'000 != 0) {
    if (ns % 1'000'000 == 0) return fmt::format("{}ms", ns / 1'000'000);
    return fmt::format("{}us", ns / 1'000);
  }
  auto s = ns / 1'000'000'000;
  if (s < 60) return fmt::format("{}s", s);
  std::string out;
  if (s >= 3600) out += fmt::format("{}h", s / 3600);
  if (s % 3600 >= 60) out += fmt::format("{}m", s % 3600 / 60);
  if (s % 60 != 0) out += fmt::format("{}s", s % 60);
  return out;
}

}  // namespace kubeloop::simulator
