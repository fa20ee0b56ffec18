// Go's written form of a duration, which events and annotations use: "1.234s", "512ms", "1m30s". Pure functions.
#pragma once
#include <string>

#include "libs/base/go_duration.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::kubelet_sim {

// As time.Duration prints itself, cut to whole milliseconds: "2.05s", "300ms", "1m2.5s", "0s".
std::string go_duration(Duration d);

}  // namespace kubeloop::kubelet_sim
