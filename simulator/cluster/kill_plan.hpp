// A death in the middle of a write: the component is killed with the request on its way, and started again after a
// while. Writes are all requests that change something but events and leases.
#pragma once
#include <string>

#include "libs/base/time.hpp"

namespace kubeloop::simulator {

struct KillPlan {
  std::string component;
  int write = 1;              // which one of its first life
  bool is_committed = false;  // the request still arrives, only its answer does not
  Duration pause = std::chrono::seconds(1);
};

}  // namespace kubeloop::simulator
