#include <fmt/format.h>

#include "libs/base/go_duration.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

std::optional<Duration> parse_duration(std::string_view text) {
  return parse_go_duration(text);
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
