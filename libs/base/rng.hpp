// A small deterministic generator (xoshiro256**, seeded by splitmix64). Forked by name, so that one more draw in one
// place does not reshuffle the others. Never use std::*_distribution on it: those differ between standard libraries.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace kubeloop {

class Rng {
 public:
  explicit Rng(std::uint64_t seed);
  // A generator of its own for `name`; depends on this one's seed and the name alone, not on what was drawn.
  Rng fork(std::string_view name) const;
  std::uint64_t next();
  // Uniform in [0, n); n > 0.
  std::uint64_t below(std::uint64_t n);
  // n characters out of `alphabet`.
  std::string word(std::size_t n, std::string_view alphabet);
  // A random version-4 UUID, lower case.
  std::string uuid();

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_;
};

}  // namespace kubeloop
