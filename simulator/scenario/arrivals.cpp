#include "simulator/scenario/arrivals.hpp"

#include <algorithm>
#include <bit>

namespace kubeloop::simulator {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kLn2 = 2977044472;  // ln 2 in 2^-32

std::uint64_t as_count(Duration duration) {
  return static_cast<std::uint64_t>(std::max<Duration::rep>(duration.count(), 0));
}

Duration as_duration(Wide nanoseconds) {
  return Duration(static_cast<std::int64_t>(nanoseconds));
}

}  // namespace

std::uint64_t minus_log(std::uint64_t u) {
  // log2 by squaring: the mantissa, in [1, 2), gives one binary digit of its logarithm with each square.
  auto whole = static_cast<std::uint64_t>(63 - std::countl_zero(u));
  std::uint64_t mantissa = (u << (63 - whole)) >> 32;  // 1 is 2^31
  std::uint64_t fraction = 0;
  for (int digit = 0; digit < 32; ++digit) {
    mantissa = (mantissa * mantissa) >> 31;
    fraction <<= 1;
    if (mantissa >= (std::uint64_t{1} << 32)) {
      mantissa >>= 1;
      fraction |= 1;
    }
  }
  std::uint64_t log2 = (whole << 32) | fraction;
  std::uint64_t minus_log2 = (std::uint64_t{64} << 32) - log2;
  return static_cast<std::uint64_t>((Wide{minus_log2} * kLn2) >> 32);
}

Arrivals::Arrivals(const LoadStep& load, Rng rng)
    : distribution_(load.distribution),
      arrivals_(load.arrivals),
      per_(load.per),
      length_(load.length),
      lifetime_(load.lifetime.value_or(Duration::zero())),
      spread_(load.lifetime_spread),
      gaps_(rng.fork("gaps")),
      lifetimes_(rng.fork("lifetimes")) {}

std::optional<Duration> Arrivals::next() {
  if (distribution_ == LoadStep::Distribution::kConstant) {
    // Counted from the beginning, so that what is rounded off does not add up.
    at_ =
        as_duration(Wide{as_count(per_)} * static_cast<std::uint64_t>(count_) / static_cast<std::uint64_t>(arrivals_));
  } else {
    at_ += draw_gap();
  }
  ++count_;
  if (at_ >= length_ || count_ > kMaxArrivals) return std::nullopt;
  return at_;
}

Duration Arrivals::draw_gap() {
  auto arrivals = static_cast<std::uint64_t>(arrivals_);
  if (distribution_ == LoadStep::Distribution::kPoisson) {
    std::uint64_t log = minus_log(gaps_.next() | 1);
    return as_duration((Wide{log} * as_count(per_) / arrivals) >> 32);
  }
  return as_duration(gaps_.below(2 * as_count(per_) / arrivals + 1));
}

Duration Arrivals::draw_lifetime() {
  if (spread_ == Duration::zero()) return lifetime_;
  return lifetime_ - spread_ + as_duration(lifetimes_.below(2 * as_count(spread_) + 1));
}

}  // namespace kubeloop::simulator
