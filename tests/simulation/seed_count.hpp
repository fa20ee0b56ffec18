// How many seeds a simulation test tries.
#pragma once
#include <cstdint>

#include "tests/support/sanitized.hpp"

namespace kubeloop::simulator {

inline constexpr std::uint64_t kSeeds = kIsSanitized ? 1 : 10;

}  // namespace kubeloop::simulator
