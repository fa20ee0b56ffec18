#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "kubeloop/commands.hpp"
#include "kubeloop/real_loop.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/checks/check_file.hpp"
#include "simulator/checks/check_runner.hpp"
#include "simulator/launcher/hub_connection.hpp"
#include "simulator/scenario/engine.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

constexpr int kFailed = static_cast<int>(Verdict::kAssertion);
constexpr int kInterrupted = 130;
// Between two looks of --watch when nothing tells of a change, and at least.
constexpr Duration kPollInterval = std::chrono::seconds(5);
constexpr Duration kMinInterval = std::chrono::milliseconds(200);

// What stays the same while it is judged again and again.
struct Session {
  const CheckCommand& command;
  const CheckFile& file;
  int code = kFailed;  // of the last state
  std::vector<CheckOutcome> last;

  Session(const CheckCommand& c, const CheckFile& f) : command(c), file(f) {}

  // Prints those that came out otherwise than the last time.
  void show(std::vector<CheckOutcome> outcomes) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      bool is_same = i < last.size() && last[i].problem == outcomes[i].problem;
      if (is_same) continue;
      std::string line = command.output == "json" ? to_json(outcomes[i]).dump() : to_line(outcomes[i]);
      fmt::print("{}\n", line);
    }
    bool has_failed = false;
    for (const auto& outcome : outcomes) has_failed = has_failed || !outcome.is_passed();
    code = has_failed ? kFailed : 0;
    last = std::move(outcomes);
    std::fflush(stdout);
  }
};

awaitable<std::vector<CheckOutcome>> judge_all(CheckRunner& runner, const CheckFile& file) {
  std::vector<CheckOutcome> outcomes;
  for (const auto& check : file.checks) {
    auto outcome = co_await runner.judge(check);
    outcomes.push_back(std::move(outcome));
  }
  co_return outcomes;
}

awaitable<Result<void>> judge(const Env& env, CheckRunner& runner, FlowReader& flow, Session& session) {
  std::vector<const Check*> checks;
  for (const auto& named : session.file.checks) checks.push_back(&named.check);
  auto remembered = co_await runner.remember(checks);
  if (!remembered) co_return remembered;
  for (;;) {
    auto outcomes = co_await judge_all(runner, session.file);
    session.show(std::move(outcomes));
    if (!session.command.is_watching || session.code == 0) co_return Result<void>();
    Instant now = env.clock.now();
    co_await flow.changed().wait_until(env, now + kPollInterval);
    co_await sleep_until(env, now + kMinInterval);
  }
}

awaitable<int> check(const Env& env, boost::asio::io_context& context, Session& session, Terminal& terminal) {
  auto hub = connect_to_cluster(env, context, session.command.on);
  if (!hub) {
    terminal.error(hub.error().message);
    co_return 1;
  }
  client::ClientIdentity identity;
  identity.actor = "kubeloop";
  TaskGroup tasks(env);
  FlowReader flow(env, **hub);
  // What happened before counts too, as far as the hub still knows it.
  CheckRunner runner(env, **hub, client::ApiClient(**hub, identity), flow, tasks, true);
  tasks.spawn("flow log", flow.run());
  Result<void> judged;
  std::exception_ptr error;
  try {
    co_await flow.changed().wait_until(env, env.clock.now() + kMinInterval);
    judged = co_await judge(env, runner, flow, session);
  } catch (...) {
    error = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await tasks.stop_and_join();
  if (error) std::rethrow_exception(error);
  if (judged) co_return session.code;
  terminal.error(judged.error().message);
  co_return 1;
}

}  // namespace

int run_check(const CheckCommand& command) {
  Terminal terminal;
  auto file = load_check_file(command.file);
  if (!file) {
    terminal.error(file.error().message);
    return 1;
  }
  Session session(command, *file);
  int code = run_real(
      [&](const Env& env, boost::asio::io_context& context) { return check(env, context, session, terminal); });
  bool is_interrupted = code == kInterrupted && command.is_watching && !session.last.empty();
  if (is_interrupted) code = session.code;
  if (command.output == "text" && !session.last.empty()) terminal.line(summary(session.last));
  return code;
}

}  // namespace kubeloop::cli
