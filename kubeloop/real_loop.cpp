#include "kubeloop/real_loop.hpp"

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>

#include "libs/base/crypto/random_seed.hpp"
#include "libs/base/real_clock.hpp"
#include "libs/base/task_group.hpp"

namespace kubeloop::cli {
namespace {

struct Outcome {
  int code = 1;
  bool is_done = false;
};

awaitable<void> store(awaitable<int> task, std::shared_ptr<Outcome> outcome, boost::asio::io_context& context) {
  try {
    outcome->code = co_await std::move(task);
    outcome->is_done = true;
  } catch (...) {
    context.stop();
    throw;
  }
  context.stop();
}

}  // namespace

int run_real(const std::function<awaitable<int>(const Env&, boost::asio::io_context&)>& task) {
  std::signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context context(1);
  RealClock clock(context);
  NoFaults faults;
  Log log("kubeloop", make_spdlog_sink(""), LogLevel::kWarning);
  Env env(context.get_executor(), clock, Rng(crypto::random_seed()), log, faults);
  auto outcome = std::make_shared<Outcome>();
  TaskGroup tasks(env);
  bool is_interrupted = false;
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code ec, int) {
    if (ec) return;
    is_interrupted = true;
    tasks.stop();
  });
  tasks.spawn("command", store(task(env, context), outcome, context));
  context.run();
  if (is_interrupted && !outcome->is_done) return 130;
  return outcome->code;
}

}  // namespace kubeloop::cli
