#include "simulator/scenario/bounded_writes.hpp"

namespace kubeloop::simulator {

BoundedWrites::BoundedWrites(TaskGroup& tasks, std::size_t most)
    : tasks_(tasks), most_(most), state_(std::make_shared<State>()) {}

awaitable<void> BoundedWrites::count(std::shared_ptr<State> state, awaitable<void> write) {
  struct Place {
    explicit Place(std::shared_ptr<State> s) : state(std::move(s)) {}
    ~Place() {
      --state->under_way;
      state->ended.notify();
    }
    std::shared_ptr<State> state;
  };
  Place place(state);
  co_await std::move(write);
}

awaitable<void> BoundedWrites::start(awaitable<void> write) {
  while (state_->under_way >= most_) co_await state_->ended.wait();
  ++state_->under_way;
  tasks_.spawn("write", count(state_, std::move(write)));
}

awaitable<void> BoundedWrites::wait_for_all() {
  while (state_->under_way > 0) co_await state_->ended.wait();
}

}  // namespace kubeloop::simulator
