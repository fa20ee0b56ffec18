#include "libs/base/signal.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace kubeloop {
namespace {

struct Waiter {
  std::optional<Resume> resume;
  TimerId timer = 0;
  Clock* clock = nullptr;
  bool is_timed_out = false;

  void finish(boost::system::error_code ec) {
    if (!resume) return;
    if (timer != 0) clock->disarm(timer);
    Resume call = std::move(*resume);
    resume.reset();
    call(ec);
  }
};

}  // namespace

struct Signal::State {
  bool is_set = false;
  std::vector<std::shared_ptr<Waiter>> waiters;

  void drop(const std::shared_ptr<Waiter>& waiter) { std::erase(waiters, waiter); }
  void finish_all(boost::system::error_code ec) {
    if (waiters.size() == 1) {  // nearly always: the list keeps its memory
      auto only = std::move(waiters.front());
      waiters.clear();
      return only->finish(ec);
    }
    auto woken = std::move(waiters);
    waiters.clear();
    for (auto& waiter : woken) waiter->finish(ec);
  }
};

Signal::Signal() : state_(std::make_shared<State>()) {}
Signal::~Signal() {
  state_->finish_all(asio::error::operation_aborted);
}

void Signal::notify() {
  if (state_->waiters.empty()) {
    state_->is_set = true;
  } else {
    state_->finish_all({});
  }
}

awaitable<void> Signal::wait() {
  if (state_->is_set) {
    state_->is_set = false;
    co_return;
  }
  auto state = state_;
  auto waiter = std::make_shared<Waiter>();
  auto start = [state, waiter](Resume resume) {
    waiter->resume = std::move(resume);
    state->waiters.push_back(waiter);
  };
  auto cancel = [state, waiter] {
    state->drop(waiter);
    waiter->finish(asio::error::operation_aborted);
  };
  co_await suspend(std::move(start), std::move(cancel));
}

awaitable<bool> Signal::wait_until(const Env& env, Instant deadline) {
  if (state_->is_set) {
    state_->is_set = false;
    co_return true;
  }
  auto state = state_;
  auto waiter = std::make_shared<Waiter>();
  waiter->clock = &env.clock;
  auto start = [state, waiter, deadline](Resume resume) {
    waiter->resume = std::move(resume);
    state->waiters.push_back(waiter);
    waiter->timer = waiter->clock->arm(deadline, [state, waiter] {
      waiter->timer = 0;
      waiter->is_timed_out = true;
      state->drop(waiter);
      waiter->finish({});
    });
  };
  auto cancel = [state, waiter] {
    state->drop(waiter);
    waiter->finish(asio::error::operation_aborted);
  };
  co_await suspend(std::move(start), std::move(cancel));
  co_return !waiter->is_timed_out;
}

}  // namespace kubeloop
