#include "kubelet-sim/lifecycle/backoff.hpp"

#include <algorithm>

namespace kubeloop::kubelet_sim {
namespace {

bool is_forgotten(const Backoff& entry, Instant since, const Timings& timings) {
  return since - entry.updated > timings.backoff_reset;
}

}  // namespace

Duration remaining_backoff(const Backoffs& entries, const std::string& key, Instant since, Instant now,
                           const Timings& timings) {
  auto it = entries.find(key);
  if (it == entries.end() || is_forgotten(it->second, since, timings)) return Duration(0);
  return std::max(since + it->second.delay - now, Duration(0));
}

Duration current_delay(const Backoffs& entries, const std::string& key) {
  auto it = entries.find(key);
  return it == entries.end() ? Duration(0) : it->second.delay;
}

void raise_backoff(Backoffs& entries, const std::string& key, Instant since, Instant now, const Timings& timings) {
  auto [it, is_new] = entries.try_emplace(key);
  auto& entry = it->second;
  if (is_new || is_forgotten(entry, since, timings)) {
    entry.delay = timings.backoff_first;
  } else {
    entry.delay = std::min(entry.delay * 2, timings.backoff_last);
  }
  entry.updated = now;
}

}  // namespace kubeloop::kubelet_sim
