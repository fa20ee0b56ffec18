#include "libs/base/task_group.hpp"

#include <boost/asio/this_coro.hpp>

#include <optional>
#include <stdexcept>

#include "libs/base/launch.hpp"

namespace kubeloop {
namespace {

// Why a task ended; nothing when it was cancelled.
std::optional<std::string> reason_of(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) return std::nullopt;
    return e.what();
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace

struct TaskGroup::State {
  State(Log l, bool essential) : log(std::move(l)), is_essential(essential) {}
  Log log;
  bool is_essential;
  bool is_stopped = false;
  std::size_t failures = 0;
  std::exception_ptr error;
  std::list<std::shared_ptr<CancelGate>> running;
  Signal idle;
  Signal stopped;
  std::weak_ptr<State> parent;

  void stop() {
    is_stopped = true;
    // A cancelled coroutine is resumed later, from the executor, so the list does not change under this loop.
    for (auto& gate : running) gate->cancel();
    stopped.notify();
  }
  void fail(std::exception_ptr why) {
    if (is_stopped) return;
    error = why;
    stop();
    if (auto above = parent.lock()) above->fail(why);
  }
  void count_failure() {
    ++failures;
    if (auto above = parent.lock()) above->count_failure();
  }
  void take_end(const std::string& name, std::exception_ptr why) {
    auto reason = reason_of(why);
    if (!reason) return;
    count_failure();
    std::string text = fmt::format("task {} failed: {}", name, *reason);
    if (is_essential && !is_stopped) {
      fail(std::make_exception_ptr(std::runtime_error(text)));
    } else {
      log.error("{}", text);
    }
  }
};

TaskGroup::TaskGroup(const Env& env, OnException on_exception)
    : state_(std::make_shared<State>(env.log, on_exception == OnException::kEnd)), executor_(env.executor) {}
TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(std::string name, awaitable<void> task) {
  if (state_->is_stopped) return;
  auto state = state_;
  auto gate = std::make_shared<CancelGate>();
  auto self = state->running.insert(state->running.end(), gate);
  auto done = [state, self, name = std::move(name)](std::exception_ptr error) {
    state->running.erase(self);
    if (error) state->take_end(name, error);
    if (state->running.empty()) state->idle.notify();
  };
  launch_later(executor_, gate, std::move(task), std::move(done));
}

void TaskGroup::fail(std::exception_ptr error) {
  auto state = state_;
  state->fail(error);
}

void TaskGroup::report_to(const TaskGroup& parent) {
  state_->parent = parent.state_;
}

void TaskGroup::stop() {
  auto state = state_;
  state->stop();
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

awaitable<void> TaskGroup::until_stopped() {
  auto state = state_;
  while (!state->is_stopped) co_await state->stopped.wait();
  if (state->error) std::rethrow_exception(state->error);
}

std::size_t TaskGroup::live() const {
  return state_->running.size();
}
std::size_t TaskGroup::failures() const {
  return state_->failures;
}

}  // namespace kubeloop
