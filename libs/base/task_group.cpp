#include "libs/base/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "libs/base/cancel_gate.hpp"
#include "libs/base/slot_handler.hpp"

namespace kubeloop {

struct TaskGroup::State {
  explicit State(Log l) : log(std::move(l)) {}
  Log log;
  bool is_stopped = false;
  std::size_t failures = 0;
  std::list<std::shared_ptr<CancelGate>> running;
  Signal idle;
};

TaskGroup::TaskGroup(const Env& env) : state_(std::make_shared<State>(env.log)), executor_(env.executor) {}
TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(std::string name, awaitable<void> task) {
  if (state_->is_stopped) return;
  auto state = state_;
  auto gate = std::make_shared<CancelGate>();
  auto self = state->running.insert(state->running.end(), gate);
  auto done = [state, self, name = std::move(name)](std::exception_ptr error) {
    state->running.erase(self);
    if (state->running.empty()) state->idle.notify();
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
      if (e.code() == asio::error::operation_aborted) return;
      ++state->failures;
      state->log.error("task {} failed: {}", name, e.what());
    } catch (const std::exception& e) {
      ++state->failures;
      state->log.error("task {} failed: {}", name, e.what());
    }
  };
  asio::co_spawn(executor_, CancelGate::pass(gate, std::move(task)), SlotHandler(gate->slot(), std::move(done)));
}

void TaskGroup::stop() {
  auto state = state_;
  state->is_stopped = true;
  // A cancelled coroutine is resumed later, from the executor, so the list does not change under this loop.
  for (auto& gate : state->running) gate->cancel();
}

awaitable<void> TaskGroup::join() {
  auto state = state_;
  while (!state->running.empty()) co_await state->idle.wait();
}

awaitable<void> TaskGroup::stop_and_join() {
  stop();
  auto state = state_;
  bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!state->running.empty()) {
    try {
      co_await state->idle.wait();
    } catch (const boost::system::system_error&) {
      // The caller is cancelled: it still has to wait.
    }
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
}

std::size_t TaskGroup::live() const { return state_->running.size(); }
std::size_t TaskGroup::failures() const { return state_->failures; }

}  // namespace kubeloop
