#include "simulator/sim_loop.hpp"

#include <algorithm>

namespace kubeloop::simulator {

SimLoop::SimLoop(std::optional<std::uint64_t> shuffle_seed) {
  if (shuffle_seed) shuffle_.emplace(*shuffle_seed);
}

SimLoop::~SimLoop() {
  // Destroying a suspended coroutine may post or arm again; what comes in then is dropped in the next round.
  while (!ready_.empty() || !timers_.empty()) {
    auto ready = std::move(ready_);
    auto timers = std::move(timers_);
    ready_.clear();
    timers_.clear();
    due_.clear();
  }
  shutdown();
  destroy();
}

void SimLoop::post(Task task) { ready_.push_back(std::move(task)); }

WallTime SimLoop::wall() const {
  constexpr auto kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  return WallTime(kStart) + now_.time_since_epoch();
}

TimerId SimLoop::arm(Instant at, Task task) {
  TimerId id = ++last_id_;
  at = std::max(at, now_);
  timers_.emplace(std::pair(at, id), std::move(task));
  due_.emplace(id, at);
  return id;
}

bool SimLoop::disarm(TimerId id) {
  auto it = due_.find(id);
  if (it == due_.end()) return false;
  timers_.erase({it->second, id});
  due_.erase(it);
  return true;
}

bool SimLoop::step(Instant horizon) {
  if (!ready_.empty()) {
    if (shuffle_ && ready_.size() > 1) std::swap(ready_.front(), ready_[shuffle_->below(ready_.size())]);
    Task task = std::move(ready_.front());
    ready_.pop_front();
    ++steps_;
    task();
    return true;
  }
  if (timers_.empty() || timers_.begin()->first.first > horizon) return false;
  auto node = timers_.extract(timers_.begin());
  now_ = node.key().first;
  due_.erase(node.key().second);
  ++steps_;
  node.mapped()();
  return true;
}

void SimLoop::run_until(Instant horizon) {
  while (step(horizon)) {
  }
  now_ = std::max(now_, horizon);
}

bool SimLoop::run_until(Instant horizon, const std::function<bool()>& done) {
  while (!done()) {
    if (!step(horizon)) {
      now_ = std::max(now_, horizon);
      return done();
    }
  }
  return true;
}

}  // namespace kubeloop::simulator
