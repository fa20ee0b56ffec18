#include "simulator/sim_loop.hpp"

#include <algorithm>
#include <stdexcept>

namespace kubeloop::simulator {

SimLoop::SimLoop(std::optional<std::uint64_t> shuffle_seed) {
  if (shuffle_seed) shuffle_.emplace(*shuffle_seed);
}

SimLoop::~SimLoop() {
  // Destroying a suspended coroutine may post or arm again; what comes in then is dropped in the next round.
  while (!ready_.empty() || !heap_.empty() || !aside_.empty()) {
    auto aside = std::move(aside_);
    aside_.clear();
    auto ready = std::move(ready_);
    auto places = std::move(places_);
    ready_.clear();
    places_.clear();
    heap_.clear();
    free_places_.clear();
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
  std::uint32_t index = 0;
  if (free_places_.empty()) {
    index = static_cast<std::uint32_t>(places_.size());
    if (index >= (1u << kPlaceBits)) throw std::length_error("too many timers");
    places_.emplace_back();
  } else {
    index = free_places_.back();
    free_places_.pop_back();
  }
  TimerId id = (++armed_ << kPlaceBits) | index;
  places_[index].task = std::move(task);
  places_[index].id = id;
  heap_.emplace_back();
  move_up(static_cast<std::uint32_t>(heap_.size() - 1), Due{std::max(at, now_), id});
  return id;
}

bool SimLoop::disarm(TimerId id) {
  auto index = static_cast<std::uint32_t>(id & ((1u << kPlaceBits) - 1));
  if (id == 0 || index >= places_.size() || places_[index].id != id) return false;
  Task dropped = take_timer(places_[index].position);
  return true;
}

void SimLoop::set_due(std::uint32_t position, Due due) {
  heap_[position] = due;
  places_[due.id & ((1u << kPlaceBits) - 1)].position = position;
}

void SimLoop::move_up(std::uint32_t position, Due due) {
  while (position > 0) {
    std::uint32_t parent = (position - 1) / 4;
    if (!(due < heap_[parent])) break;
    set_due(position, heap_[parent]);
    position = parent;
  }
  set_due(position, due);
}

void SimLoop::move_down(std::uint32_t position, Due due) {
  auto size = static_cast<std::uint32_t>(heap_.size());
  for (;;) {
    std::uint32_t first = position * 4 + 1;
    if (first >= size) break;
    std::uint32_t least = first;
    for (std::uint32_t child = first + 1; child < std::min(first + 4, size); ++child) {
      if (heap_[child] < heap_[least]) least = child;
    }
    if (!(heap_[least] < due)) break;
    set_due(position, heap_[least]);
    position = least;
  }
  set_due(position, due);
}

// Takes the timer out of the heap and frees its place.
Task SimLoop::take_timer(std::uint32_t position) {
  auto index = static_cast<std::uint32_t>(heap_[position].id & ((1u << kPlaceBits) - 1));
  Task task = std::move(places_[index].task);
  places_[index].task = nullptr;
  places_[index].id = 0;
  free_places_.push_back(index);
  Due last = heap_.back();
  heap_.pop_back();
  if (position < heap_.size()) {
    bool is_earlier = position > 0 && last < heap_[(position - 1) / 4];
    is_earlier ? move_up(position, last) : move_down(position, last);
  }
  return task;
}

bool SimLoop::step(Instant horizon) {
  if (!aside_.empty()) {
    Task task = std::move(aside_.front());
    aside_.pop_front();
    task();
    return true;
  }
  if (!ready_.empty()) {
    if (shuffle_ && ready_.size() > 1) std::swap(ready_.front(), ready_[shuffle_->below(ready_.size())]);
    Task task = std::move(ready_.front());
    ready_.pop_front();
    ++steps_;
    task();
    return true;
  }
  if (heap_.empty() || heap_.front().at > horizon) return false;
  if (on_jump_ && heap_.front().at > now_) on_jump_(heap_.front().at - now_);
  now_ = heap_.front().at;
  ++steps_;
  Task task = take_timer(0);
  task();
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
