// When the objects of a load arrive: whole-number arithmetic, the same everywhere.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "simulator/scenario/arrivals.hpp"

namespace kubeloop::simulator {
namespace {

LoadStep load_of(LoadStep::Distribution distribution, std::int64_t arrivals, Duration per, Duration length) {
  LoadStep load;
  load.distribution = distribution;
  load.arrivals = arrivals;
  load.per = per;
  load.length = length;
  return load;
}

std::vector<Duration> all_of(const LoadStep& load, std::uint64_t seed) {
  Arrivals arrivals(load, Rng(seed));
  std::vector<Duration> all;
  while (auto at = arrivals.next()) all.push_back(*at);
  return all;
}

using Distribution = LoadStep::Distribution;

TEST_CASE("the logarithm is that of mathematics") {
  for (std::uint64_t u = 1; u != 0; u = u > (UINT64_MAX / 3) * 2 ? 0 : u + u / 2 + 1) {
    double expected = -std::log(std::ldexp(static_cast<double>(u), -64));
    double got = std::ldexp(static_cast<double>(minus_log(u)), -32);
    CHECK_MESSAGE(std::abs(got - expected) < 1.5e-8, u);
  }
  CHECK(minus_log(1) == 190530846208);  // 64 ln 2
}

TEST_CASE("constant: evenly, without drift") {
  auto all = all_of(load_of(Distribution::kConstant, 3, 1s, 10s), 1);
  REQUIRE(all.size() == 30);
  CHECK(all[0] == 0s);
  CHECK(all[3] == 1s);
  CHECK(all[29] == Duration(9'666'666'666));
}

TEST_CASE("poisson and uniform: the mean is the rate, the draws are the seed's") {
  for (auto distribution : {Distribution::kPoisson, Distribution::kUniform}) {
    auto load = load_of(distribution, 50, 1s, 1000s);
    auto all = all_of(load, 7);
    CHECK(all.size() > 49'000);
    CHECK(all.size() < 51'000);
    CHECK(std::is_sorted(all.begin(), all.end()));
    CHECK(all == all_of(load, 7));
    CHECK(all != all_of(load, 8));
  }
}

TEST_CASE("these draws are the same with every compiler") {
  auto all = all_of(load_of(Distribution::kPoisson, 10, 1s, 1s), 42);
  REQUIRE(all.size() >= 3);
  CHECK(all[0].count() == 13'850'980);
  CHECK(all[1].count() == 82'196'785);
  CHECK(all[2].count() == 121'276'725);
}

TEST_CASE("lifetimes lie within their spread") {
  auto load = load_of(Distribution::kConstant, 1, 1s, 1s);
  load.lifetime = 30s;
  load.lifetime_spread = 10s;
  Arrivals arrivals(load, Rng(3));
  Duration least = 100s, most = 0s;
  for (int i = 0; i < 1000; ++i) {
    Duration one = arrivals.draw_lifetime();
    least = std::min(least, one);
    most = std::max(most, one);
  }
  CHECK(least >= 20s);
  CHECK(least < 21s);
  CHECK(most <= 40s);
  CHECK(most > 39s);
}

}  // namespace
}  // namespace kubeloop::simulator
