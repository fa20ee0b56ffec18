#include "libs/base/go_duration.hpp"

namespace kubeloop {
namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};
// Longer names before those that they begin with.
constexpr Unit kUnits[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};

constexpr double kLongest = 9.2e18;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A number with an optional fraction at the front of `text`, taken off it.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  double scale = 1;
  bool has_digits = false;
  bool is_fraction = false;
  while (!text.empty() && (is_digit(text.front()) || (text.front() == '.' && !is_fraction))) {
    if (text.front() == '.') {
      is_fraction = true;
    } else {
      has_digits = true;
      value = value * 10 + (text.front() - '0');
      if (is_fraction) scale *= 10;
    }
    text.remove_prefix(1);
  }
  if (!has_digits) return std::nullopt;
  return value / scale;
}

}  // namespace

std::optional<Duration> parse_go_duration(std::string_view text) {
  if (text == "0") return Duration::zero();
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    auto value = take_number(text);
    if (!value) return std::nullopt;
    const Unit* found = nullptr;
    for (const auto& unit : kUnits) {
      if (!found && text.starts_with(unit.name)) found = &unit;
    }
    if (!found) return std::nullopt;
    text.remove_prefix(found->name.size());
    total += *value * found->nanoseconds;
  }
  if (total > kLongest) return std::nullopt;
  return Duration(static_cast<Duration::rep>(total));
}

}  // namespace kubeloop
