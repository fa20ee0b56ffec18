#include "kubelet-sim/runtime/durations.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>

namespace kubeloop::kubelet_sim {

std::string go_duration(Duration d) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
  if (ms == 0) return "0s";
  if (ms < 1000) return fmt::format("{}ms", ms);
  auto seconds = ms / 1000;
  std::string fraction;
  if (ms % 1000 != 0) {
    fraction = fmt::format(".{:03}", ms % 1000);
    while (fraction.back() == '0') fraction.pop_back();
  }
  if (seconds < 60) return fmt::format("{}{}s", seconds, fraction);
  if (seconds < 3600) return fmt::format("{}m{}{}s", seconds / 60, seconds % 60, fraction);
  return fmt::format("{}h{}m{}{}s", seconds / 3600, seconds / 60 % 60, seconds % 60, fraction);
}

std::optional<Duration> parse_go_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> kUnits = {{{"ms", 1'000'000},
                                                                                {"us", 1'000},
                                                                                {"ns", 1},
                                                                                {"h", 3'600'000'000'000},
                                                                                {"m", 60'000'000'000},
                                                                                {"s", 1'000'000'000}}};
  constexpr double kMost = 1e17;  // three years: enough for any behaviour, far from overflow
  if (text == "0") return Duration(0);
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double number = 0, scale = 1;
    bool has_digit = false, is_fraction = false;
    while (!text.empty() && ((text[0] >= '0' && text[0] <= '9') || (text[0] == '.' && !is_fraction))) {
      if (text[0] == '.') {
        is_fraction = true;
      } else {
        has_digit = true;
        number = number * 10 + (text[0] - '0');
        if (is_fraction) scale *= 10;
      }
      text.remove_prefix(1);
    }
    if (!has_digit) return std::nullopt;
    bool is_known = false;
    for (const auto& [unit, nanoseconds] : kUnits) {
      if (!text.starts_with(unit)) continue;
      total += number / scale * static_cast<double>(nanoseconds);
      text.remove_prefix(unit.size());
      is_known = true;
      break;
    }
    if (!is_known || total > kMost) return std::nullopt;
  }
  return Duration(static_cast<std::int64_t>(total + 0.5));
}

}  // namespace kubeloop::kubelet_sim
