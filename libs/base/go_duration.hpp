// Durations as Go writes them, in flags, queries and files: "50s", "1m30s", "1.5h". Pure.
#pragma once
#include <optional>
#include <string_view>

#include "libs/base/time.hpp"

namespace kubeloop {

// Nothing when malformed, negative, or longer than some 290 years. "0" needs no unit.
std::optional<Duration> parse_go_duration(std::string_view text);

}  // namespace kubeloop
