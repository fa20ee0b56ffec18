// Go's written form of a duration, which events and annotations use: "1.234s", "512ms", "1m30s". Pure functions.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/time.hpp"

namespace kubeloop::kubelet_sim {

// As time.Duration prints itself, cut to whole milliseconds: "2.05s", "300ms", "1m2.5s", "0s".
std::string go_duration(Duration d);
// "1h2m3.5s", "300ms"; nothing when malformed or negative.
std::optional<Duration> parse_go_duration(std::string_view text);

}  // namespace kubeloop::kubelet_sim
