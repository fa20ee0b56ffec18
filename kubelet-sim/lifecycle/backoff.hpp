// Back-off that doubles, one entry per container or image: when may the next try come. Plain data and pure functions;
// the rule is that of client-go's flowcontrol.Backoff as the kubelet uses it (first 10 s, doubling to 300 s,
// forgotten after twice the longest).
#pragma once
#include <map>
#include <string>

#include "kubelet-sim/timings.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::kubelet_sim {

struct Backoff {
  Duration delay{};
  Instant updated{};
};
using Backoffs = std::map<std::string, Backoff>;

// How long to wait still, counted from `since` (a crash: when the container ended; a pull: when the last one failed);
// zero when there is no entry, it is over, or the entry is forgotten.
Duration remaining_backoff(const Backoffs& entries, const std::string& key, Instant since, Instant now,
                           const Timings& timings);
// The delay in force; zero without an entry.
Duration current_delay(const Backoffs& entries, const std::string& key);
// A try is made now: the next one has to wait longer. `since` as above.
void raise_backoff(Backoffs& entries, const std::string& key, Instant since, Instant now, const Timings& timings);

}  // namespace kubeloop::kubelet_sim
