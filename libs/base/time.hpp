// Points in time and spans. `Instant` is monotonic and starts at zero with the process (or the simulation); `WallTime`
// is what users see. Neither reads a clock: those come from Env.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

namespace kubeloop {

using Duration = std::chrono::nanoseconds;
struct MonotonicTag {};
using Instant = std::chrono::time_point<MonotonicTag, Duration>;
using WallTime = std::chrono::sys_time<Duration>;

using namespace std::chrono_literals;

}  // namespace kubeloop
