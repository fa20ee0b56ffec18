// A controller's effects: bring one named thing into the wanted state, from what is known now. Level-based: it may be
// called at any time, any number of times. `run_reconciler` is the loop around it.
#pragma once
#include <optional>
#include <string>

#include "libs/base/env.hpp"
#include "libs/base/result.hpp"
#include "libs/client/work_queue.hpp"

namespace kubeloop::client {

struct ReconcileResult {
  std::optional<Duration> requeue_after;
};

class Reconciler {
 public:
  virtual ~Reconciler() = default;
  virtual awaitable<Result<ReconcileResult>> reconcile(std::string name, Cause cause) = 0;
};

// Takes names from the queue and reconciles them one after the other; errors are logged and come back with back-off.
// Never returns.
awaitable<void> run_reconciler(const Env& env, WorkQueue& queue, Reconciler& reconciler);

}  // namespace kubeloop::client
