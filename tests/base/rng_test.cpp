// The generator's stream is part of every recorded history: these values must never change. They come from an
// implementation of xoshiro256** and splitmix64 in another language.
#include "libs/base/rng.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

using kubeloop::Rng;

TEST_CASE("rng: the stream of a seed") {
  Rng zero(0);
  CHECK(zero.next() == 0x99ec5f36cb75f2b4ull);
  CHECK(zero.next() == 0xbf6e1f784956452aull);
  CHECK(zero.next() == 0x1a5f849d4933e6e0ull);
  Rng seven(7);
  CHECK(seven.next() == 0xb358faf74ef9765aull);
  CHECK(seven.next() == 0x475c3d964f482cd2ull);
}

TEST_CASE("rng: a fork depends on the seed and the name alone") {
  Rng parent(7);
  CHECK(parent.fork("scheduler").next() == 0x4b387c4947c76086ull);
  parent.next();
  CHECK(parent.fork("scheduler").next() == 0x4b387c4947c76086ull);
  CHECK(parent.fork("kubelet").next() != 0x4b387c4947c76086ull);
  CHECK(Rng(8).fork("scheduler").next() != 0x4b387c4947c76086ull);
}

TEST_CASE("rng: below, word and uuid") {
  Rng rng(7);
  std::vector<std::uint64_t> drawn;
  for (int i = 0; i < 12; ++i) drawn.push_back(rng.below(10));
  CHECK(drawn == std::vector<std::uint64_t>{4, 4, 8, 4, 4, 1, 6, 6, 8, 9, 3, 6});
  CHECK(Rng(7).word(8, "bcdfghjklmnpqrstvwxz2456789") == "qsjr6d88");
  CHECK(Rng(42).uuid() == "6e114827-d156-4a54-b9bd-0048aada82ac");
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(rng.below(6));
  CHECK(seen == std::set<std::uint64_t>({0, 1, 2, 3, 4, 5}));
  CHECK(rng.below(1) == 0);
}
