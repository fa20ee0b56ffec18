#include "libs/client/component_main.hpp"

#include <fmt/core.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>

#include "libs/base/crypto/random_seed.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/real_clock.hpp"
#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "libs/base/text_file.hpp"
#include "libs/client/health_service.hpp"
#include "libs/client/hub_connection.hpp"
#include "libs/client/leader_election.hpp"
#include "libs/client/process_faults.hpp"
#include "libs/http/server.hpp"

namespace kubeloop::client {
namespace {

constexpr int kFailed = 1;
constexpr int kAddressInUse = 7;
// A stop that takes longer is cut short: the process ends all the same.
constexpr Duration kStopLimit = std::chrono::seconds(10);
constexpr Duration kReadyPoll = std::chrono::milliseconds(20);

// What the program's own coroutines share. Lives in run_component, longer than they do.
struct Program {
  Program(Env e, http::Transport* h, const ComponentOptions& options)
      : env(std::move(e)), name(options.program), log_file(options.log_file), hub(h), tasks(env) {}

  Env env;
  std::string name, log_file;
  http::Transport* hub;
  TaskGroup tasks;
  Component component;
  std::unique_ptr<http::HttpServer> health;
  Signal end;
  bool is_stopping = false;
  int exit_code = 0;
};

awaitable<void> run_to_end(Program* program) {
  std::string reason = "the component ended by itself";
  try {
    co_await program->component.run();
  } catch (const std::exception& e) {
    reason = e.what();
  }
  if (program->is_stopping) co_return;
  program->env.log.error("stopping: {}", reason);
  if (!program->log_file.empty()) fmt::print(stderr, "{}: {}\n", program->name, reason);
  program->exit_code = kFailed;
  program->end.notify();
}

awaitable<void> announce_ready(Program* program) {
  while (!program->component.is_ready()) co_await sleep_for(program->env, kReadyPoll);
  std::string port = program->health ? std::to_string(program->health->port()) : "none";
  program->env.log.info("ready health-port={}", port);
}

awaitable<void> stop_at_end(Program* program, asio::io_context* context) {
  co_await program->end.wait();
  program->is_stopping = true;
  auto stopping = program->component.stop();
  auto joined = [](awaitable<void> inner) -> awaitable<bool> {
    co_await std::move(inner);
    co_return true;
  };
  auto stopped = co_await with_deadline(program->env, kStopLimit, joined(std::move(stopping)));
  if (!stopped) program->env.log.error("the component did not stop in time");
  if (program->health) co_await program->health->stop();
  // The last line of a failure is its reason.
  if (program->exit_code == 0) program->env.log.info("stopped");
  context->stop();
}

Result<std::optional<http::ServerTls>> read_tls(const ComponentOptions& options) {
  if (options.tls_cert_file.empty() && options.tls_private_key_file.empty()) return std::optional<http::ServerTls>();
  http::ServerTls tls;
  for (auto [path, text] : {std::pair(&options.tls_cert_file, &tls.certificate_pem),
                            std::pair(&options.tls_private_key_file, &tls.key_pem)}) {
    auto content = read_text_file(*path);
    if (!content) return failure(std::move(content.error()));
    *text = std::move(*content);
  }
  return std::optional<http::ServerTls>(std::move(tls));
}

awaitable<http::Response> answer(const HealthFacts* facts, const Component* component, http::Request request) {
  auto response = answer_health(request, *facts);
  if (response.code != 404 || !component->handler) co_return response;
  co_return co_await component->handler(std::move(request));
}

Result<void> serve_health(asio::io_context& context, Program& program, const HealthFacts& facts,
                          const ComponentOptions& options) {
  if (options.secure_port < 0) return {};
  auto tls = read_tls(options);
  if (!tls) return failure(std::move(tls.error()));
  http::ServerOptions server;
  server.port = static_cast<std::uint16_t>(options.secure_port);
  server.tls = std::move(*tls);
  auto handler = [facts = &facts, component = &program.component](http::Request request) {
    return answer(facts, component, std::move(request));
  };
  auto listening = http::HttpServer::listen(context, program.env.child("health"), handler, std::move(server));
  if (!listening) return failure(std::move(listening.error()));
  program.health = std::move(*listening);
  return {};
}

int fail(const ComponentOptions& options, const Log& log, const Status& status) {
  log.error("{}", status.message);
  if (!options.log_file.empty()) fmt::print(stderr, "{}: {}\n", options.program, status.message);
  return status.reason == "AddressInUse" ? kAddressInUse : kFailed;
}

}  // namespace

std::string process_identity() {
  char host[256] = {};
  if (gethostname(host, sizeof(host) - 1) != 0) host[0] = '\0';
  return make_identity(host[0] != '\0' ? host : "localhost", Rng(crypto::random_seed()));
}

int run_component(const ComponentOptions& options, const MakeComponent& make) {
  asio::io_context context(1);
  RealClock clock(context);
  ProcessFaults faults;
  LogLevel level = options.verbosity >= 4 ? LogLevel::kDebug : LogLevel::kInfo;
  Log log(options.program, make_spdlog_sink(options.log_file), level);
  std::uint64_t seed = options.seed ? *options.seed : crypto::random_seed();
  auto make_env = [&] { return Env(context.get_executor(), clock, Rng(seed), log, faults); };

  auto config = load_kubeconfig(options.kubeconfig);
  if (!config) return fail(options, log, config.error());
  auto hub = connect_hub(context, make_env().child("http"), *config);
  if (!hub) return fail(options, log, hub.error());

  Program program(make_env(), hub->get(), options);
  HealthFacts facts;
  facts.is_ready = [&program] { return program.component.is_ready(); };
  facts.metrics = [&program] { return program.component.metrics ? program.component.metrics() : std::string(); };
  facts.faults = &faults;
  program.component = make(make_env(), **hub);
  auto served = serve_health(context, program, facts, options);
  if (!served) return fail(options, log, served.error());

  asio::signal_set signals(context, SIGTERM, SIGINT);
  signals.async_wait([&program](boost::system::error_code error, int) {
    if (!error) program.end.notify();
  });
  log.info("starting, hub {}", config->server);
  program.tasks.spawn("component", run_to_end(&program));
  program.tasks.spawn("ready", announce_ready(&program));
  program.tasks.spawn("stop", stop_at_end(&program, &context));
  context.run();
  program.component = Component();
  return program.exit_code;
}

}  // namespace kubeloop::client
