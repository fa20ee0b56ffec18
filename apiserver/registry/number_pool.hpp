// The numbers of a range of which each is free or taken, some perhaps several times over. Draws free ones at random;
// the low end of the range is drawn from only when the rest is full, so that people may count on it for numbers they
// choose themselves. Owned by ServiceAddresses. Source: Kubernetes' bitmap allocator (KEP-3070, KEP-3668).
#pragma once
#include <cstdint>
#include <map>
#include <optional>

#include "libs/base/rng.hpp"

namespace kubeloop::apiserver {

class NumberPool {
 public:
  // `reserved`: how many numbers at the low end are for choosing; less than the size of the range.
  NumberPool(std::uint32_t first, std::uint32_t last, std::uint32_t reserved);

  bool contains(std::uint32_t number) const { return number >= first_ && number <= last_; }
  bool is_taken(std::uint32_t number) const { return taken_.contains(number); }
  // Nothing happens to numbers outside the range. What was taken twice must be released twice.
  void take(std::uint32_t number);
  void release(std::uint32_t number);
  // A free number, not taken yet; nothing when all are taken.
  std::optional<std::uint32_t> draw(Rng& rng) const;
  std::size_t taken() const { return taken_.size(); }

 private:
  // The first free number at or after `start` in a part of the range, going round at its end.
  std::optional<std::uint32_t> find_free(std::uint32_t low, std::uint32_t high, std::uint32_t start) const;
  std::optional<std::uint32_t> first_gap(std::uint32_t from, std::uint32_t to) const;
  std::optional<std::uint32_t> draw_between(std::uint32_t low, std::uint32_t high, Rng& rng) const;

  std::uint32_t first_, last_, reserved_;
  std::map<std::uint32_t, int> taken_;
};

// How many numbers of a range of `size` are reserved for choosing: one in `step`, at least 16, at most `most`; none of
// a range of 16 or fewer.
std::uint32_t reserved_share(std::uint64_t size, std::uint32_t step, std::uint32_t most);

}  // namespace kubeloop::apiserver
