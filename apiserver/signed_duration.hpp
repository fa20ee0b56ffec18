// Durations as Go reads them from a request or a flag: "1h30m", "-250ms". Pure.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "libs/base/time.hpp"

namespace kubeloop::apiserver {

// The error is Go's own text: `time: invalid duration "x"`.
std::expected<Duration, std::string> parse_signed_duration(std::string_view text);

}  // namespace kubeloop::apiserver
