// The usual way to bring raw scores into 0..100 (source: helper.DefaultNormalizeScore). Pure.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>

namespace kubeloop::scheduler {

// Scales by the largest; `is_reversed` makes the smallest raw score the best. All zero: 100 each when reversed, else
// unchanged.
inline void normalize_by_largest(std::span<std::int64_t> scores, bool is_reversed) {
  constexpr std::int64_t kMax = 100;
  std::int64_t largest = 0;
  for (auto score : scores) largest = std::max(largest, score);
  if (largest == 0) {
    if (is_reversed) std::fill(scores.begin(), scores.end(), kMax);
    return;
  }
  for (auto& score : scores) {
    score = kMax * score / largest;
    if (is_reversed) score = kMax - score;
  }
}

}  // namespace kubeloop::scheduler
