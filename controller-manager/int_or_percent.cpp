#include "controller-manager/int_or_percent.hpp"

#include <charconv>

namespace kubeloop::controller_manager {

std::optional<std::int64_t> int_or_percent(const std::string& text, std::int64_t total, bool rounds_up) {
  const char* end = text.data() + text.size() - (is_percent(text) ? 1 : 0);
  std::int64_t number = 0;
  auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  if (!is_percent(text)) return number;
  std::int64_t hundredths = number * total;
  return (hundredths + (rounds_up && hundredths > 0 ? 99 : 0)) / 100;
}

}  // namespace kubeloop::controller_manager
