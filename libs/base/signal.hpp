// Signal wakes the coroutines that wait on it. A notify with nobody waiting is remembered once. Single-threaded.
#pragma once
#include <deque>
#include <memory>

#include "libs/base/completion.hpp"
#include "libs/base/env.hpp"

namespace kubeloop {

class Signal {
 public:
  Signal();
  ~Signal();  // waiters, if any, end with operation_aborted
  Signal(const Signal&) = delete;

  // Wakes every waiter; with none, the next wait returns at once.
  void notify();
  awaitable<void> wait();
  // True when notified, false when `deadline` passed first.
  awaitable<bool> wait_until(const Env& env, Instant deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop
