// How many seeds a simulation test tries: twenty, and four under a sanitizer, where each run takes twenty times as
// long.
#pragma once
#include <cstdint>

namespace kubeloop::simulator {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr std::uint64_t kSeeds = 4;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr std::uint64_t kSeeds = 4;
#else
inline constexpr std::uint64_t kSeeds = 20;
#endif
#else
inline constexpr std::uint64_t kSeeds = 20;
#endif

}  // namespace kubeloop::simulator
