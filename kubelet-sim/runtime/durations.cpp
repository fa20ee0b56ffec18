#include "kubelet-sim/runtime/durations.hpp"

#include <fmt/format.h>

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

}  // namespace kubeloop::kubelet_sim
