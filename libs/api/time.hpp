// Kubernetes' written forms of time. Parsing is strict; formatting is UTC.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/time.hpp"

namespace kubeloop::api {

std::string format_time(WallTime t);        // 2026-01-01T00:00:00Z (Time: whole seconds, rounded down)
std::string format_micro_time(WallTime t);  // 2026-01-01T00:00:00.000000Z (MicroTime)
// RFC 3339 with any fraction and offset; nothing when malformed.
std::optional<WallTime> parse_time(std::string_view text);
// kubectl's and the printers' short age: "45s", "3m12s", "5h", "2d3h" (source: HumanDuration in apimachinery).
std::string human_duration(Duration d);

}  // namespace kubeloop::api
