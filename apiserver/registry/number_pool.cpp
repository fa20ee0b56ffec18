#include "apiserver/registry/number_pool.hpp"

#include <algorithm>

namespace kubeloop::apiserver {

NumberPool::NumberPool(std::uint32_t first, std::uint32_t last, std::uint32_t reserved)
    : first_(first), last_(last), reserved_(reserved) {}

void NumberPool::take(std::uint32_t number) {
  if (contains(number)) ++taken_[number];
}

void NumberPool::release(std::uint32_t number) {
  auto it = taken_.find(number);
  if (it != taken_.end() && --it->second == 0) taken_.erase(it);
}

std::optional<std::uint32_t> NumberPool::first_gap(std::uint32_t from, std::uint32_t to) const {
  std::uint32_t candidate = from;
  for (auto it = taken_.lower_bound(from); it != taken_.end() && it->first == candidate; ++it) {
    if (candidate == to) return std::nullopt;
    ++candidate;
  }
  return candidate > to ? std::nullopt : std::optional(candidate);
}

std::optional<std::uint32_t> NumberPool::find_free(std::uint32_t low, std::uint32_t high, std::uint32_t start) const {
  auto found = first_gap(start, high);
  if (!found && start > low) found = first_gap(low, start - 1);
  return found;
}

std::optional<std::uint32_t> NumberPool::draw_between(std::uint32_t low, std::uint32_t high, Rng& rng) const {
  if (low > high) return std::nullopt;
  auto start = low + static_cast<std::uint32_t>(rng.below(static_cast<std::uint64_t>(high) - low + 1));
  return find_free(low, high, start);
}

std::optional<std::uint32_t> NumberPool::draw(Rng& rng) const {
  auto found = draw_between(first_ + reserved_, last_, rng);
  if (!found && reserved_ > 0) found = draw_between(first_, first_ + reserved_ - 1, rng);
  return found;
}

std::uint32_t reserved_share(std::uint64_t size, std::uint32_t step, std::uint32_t most) {
  constexpr std::uint64_t kLeast = 16;
  if (size <= kLeast) return 0;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(size / step, kLeast, most));
}

}  // namespace kubeloop::apiserver
