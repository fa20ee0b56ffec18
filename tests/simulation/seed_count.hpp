// How many seeds a simulation test tries: KUBELOOP_SEEDS says how many, for who has more time.
#pragma once
#include <cstdint>
#include <cstdlib>

#include "tests/support/sanitized.hpp"

namespace kubeloop::simulator {

inline const std::uint64_t kSeeds = [] {
  const char* asked = std::getenv("KUBELOOP_SEEDS");
  return asked ? std::strtoull(asked, nullptr, 10) : std::uint64_t{kIsSanitized ? 1 : 10};
}();

}  // namespace kubeloop::simulator
