// When the objects of a load arrive. Whole numbers only, so that a seed means the same with every compiler and C
// library. Pure but for what is drawn.
#pragma once
#include <cstdint>
#include <optional>

#include "libs/base/rng.hpp"
#include "libs/base/time.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

inline constexpr std::int64_t kMaxArrivals = 1'000'000;  // of one load, whatever is drawn

// -ln(u / 2^64) as a number of 2^-32, for u > 0; within 2^-26 of the truth.
std::uint64_t minus_log(std::uint64_t u);

class Arrivals {
 public:
  Arrivals(const LoadStep& load, Rng rng);

  // How long after the load's beginning the next one arrives; nothing when the load is over.
  std::optional<Duration> next();
  // How long the one that has just arrived lives.
  Duration draw_lifetime();

 private:
  Duration draw_gap();

  LoadStep::Distribution distribution_;
  std::int64_t arrivals_;
  Duration per_, length_, lifetime_, spread_;
  Rng gaps_, lifetimes_;
  Duration at_{};
  std::int64_t count_ = 0;
};

}  // namespace kubeloop::simulator
