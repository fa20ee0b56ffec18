// A death at a chosen moment of a component's first life: in the middle of a write, or between any two steps of its
// coroutines. It is started again after a while.
#pragma once
#include <cstdint>
#include <string>

#include "libs/base/time.hpp"

namespace kubeloop::simulator {

struct KillPlan {
  std::string component;
  // The number of the write with which it dies: of all its requests that change something but events and leases.
  int write = 0;
  bool is_committed = false;  // that request still arrives, only its answer does not
  // Or the number of the step that it does not take any more: of all that its coroutines go on with after an await.
  std::uint64_t step = 0;
  Duration pause = std::chrono::seconds(1);
};

}  // namespace kubeloop::simulator
