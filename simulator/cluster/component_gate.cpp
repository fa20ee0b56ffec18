#include "simulator/cluster/component_gate.hpp"

namespace kubeloop::simulator {

TimerId ComponentGate::arm(Instant at, Task task) {
  return loop_.arm(at, [this, task = std::move(task)]() mutable {
    if (is_frozen_) {
      held_.push_back(std::move(task));
    } else {
      task();
    }
  });
}

void ComponentGate::thaw() {
  is_frozen_ = false;
  auto held = std::move(held_);
  held_.clear();
  for (auto& task : held) {
    loop_.post([this, task = std::move(task)]() mutable {
      if (is_frozen_) {
        held_.push_back(std::move(task));
        return;
      }
      turn();
      task();
    });
  }
}

}  // namespace kubeloop::simulator
