#include "libs/base/rng.hpp"

#include <bit>

namespace kubeloop {
namespace {

std::uint64_t splitmix(std::uint64_t& x) {
  x += 0x9e3779b97f4a7c15ull;
  std::uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed) : seed_(seed) {
  std::uint64_t x = seed;
  for (auto& word : state_) word = splitmix(x);
}

Rng Rng::fork(std::string_view name) const {
  std::uint64_t hash = 1469598103934665603ull ^ seed_;
  for (unsigned char c : name) {
    hash ^= c;
    hash *= 1099511628211ull;
  }
  return Rng(splitmix(hash));
}

std::uint64_t Rng::next() {
  auto& s = state_;
  std::uint64_t result = std::rotl(s[1] * 5, 7) * 9;
  std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = std::rotl(s[3], 45);
  return result;
}

std::uint64_t Rng::below(std::uint64_t n) {
  if ((n & (n - 1)) == 0) return next() & (n - 1);  // the same, without a division
  std::uint64_t limit = ~0ull - (~0ull % n + 1) % n;
  for (;;) {
    std::uint64_t x = next();
    if (x <= limit) return x % n;
  }
}

std::string Rng::word(std::size_t n, std::string_view alphabet) {
  std::string out;
  out.reserve(n);
  for (std::size_t i = 0; i < n; ++i) out += alphabet[below(alphabet.size())];
  return out;
}

std::string Rng::uuid() {
  std::string out = word(36, "0123456789abcdef");
  for (int dash : {8, 13, 18, 23}) out[dash] = '-';
  out[14] = '4';
  out[19] = "89ab"[below(4)];
  return out;
}

}  // namespace kubeloop
