// How long the waits of a run may last: as written, or, while faults are on, from the moment at which they are healed.
#pragma once
#include <algorithm>

#include "libs/base/time.hpp"

namespace kubeloop::simulator {

struct Patience {
  int factor = 1;
  // Until then faults are on; what is asked for must be so within its time from then on.
  Instant healed_at{};
  // Under faults: what is asserted may become true later, and what is refused is tried again.
  bool is_lenient = false;

  Instant deadline(Instant now, Duration within) const { return std::max(now, healed_at) + within * factor; }
};

}  // namespace kubeloop::simulator
