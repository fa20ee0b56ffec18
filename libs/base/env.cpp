#include "libs/base/env.hpp"

#include <optional>

#include "libs/base/completion.hpp"

namespace kubeloop {
namespace {

struct Timer {
  TimerId id = 0;
  std::optional<Resume> resume;
};

void finish(Timer& timer, boost::system::error_code ec) {
  if (!timer.resume) return;
  Resume resume = std::move(*timer.resume);
  timer.resume.reset();
  resume(ec);
}

}  // namespace

awaitable<void> sleep_until(const Env& env, Instant at) {
  auto timer = std::make_shared<Timer>();
  Clock* clock = &env.clock;
  auto start = [timer, clock, at](Resume resume) {
    timer->resume = std::move(resume);
    timer->id = clock->arm(at, [timer] { finish(*timer, {}); });
  };
  auto cancel = [timer, clock] {
    clock->disarm(timer->id);
    finish(*timer, asio::error::operation_aborted);
  };
  return suspend(std::move(start), std::move(cancel));
}

awaitable<void> sleep_for(const Env& env, Duration duration) {
  return sleep_until(env, env.clock.now() + duration);
}

awaitable<void> yield(const Env& env) {
  auto executor = env.executor;
  co_await asio::post(executor, asio::use_awaitable);
}

}  // namespace kubeloop
