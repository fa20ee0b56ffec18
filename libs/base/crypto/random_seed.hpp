// Randomness from the operating system, to seed the Rng of a program that was given no seed. For programs only: nothing
// that runs in virtual time may call it.
#pragma once
#include <cstdint>

namespace kubeloop::crypto {

std::uint64_t random_seed();

}  // namespace kubeloop::crypto
