#include "apiserver/server_program.hpp"

#include <fmt/core.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>

#include "apiserver/storage/memory_store.hpp"
#include "apiserver/storage/sqlite_store.hpp"
#include "libs/base/crypto/random_seed.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/real_clock.hpp"
#include "libs/base/task_group.hpp"
#include "libs/base/text_file.hpp"
#include "libs/http/server.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr int kFailed = 1;
constexpr int kInUse = 7;
constexpr Duration kStopLimit = std::chrono::seconds(10);

Result<std::optional<http::ServerTls>> read_tls(const ServerProgramOptions& options) {
  if (options.tls_cert_file.empty()) return std::optional<http::ServerTls>();
  http::ServerTls tls;
  for (auto [path, text] :
       {std::pair(&options.tls_cert_file, &tls.certificate_pem), std::pair(&options.tls_private_key_file, &tls.key_pem),
        std::pair(&options.client_ca_file, &tls.client_ca_pem)}) {
    if (path->empty()) continue;
    auto content = read_text_file(*path);
    if (!content) return std::unexpected(content.error());
    *text = std::move(*content);
  }
  return std::optional<http::ServerTls>(std::move(tls));
}

Result<std::unique_ptr<Store>> open_store(asio::io_context& context, const Env& env,
                                          const ServerProgramOptions& options) {
  if (options.store == "memory") return std::unique_ptr<Store>(std::make_unique<MemoryStore>(env));
  SqliteStoreOptions sqlite;
  sqlite.directory = options.data_dir;
  auto store = SqliteStore::open(context.get_executor(), sqlite);
  if (!store) return std::unexpected(store.error());
  return std::unique_ptr<Store>(std::move(*store));
}

// What the program's coroutines share. Lives in run_server, longer than they do.
struct Program {
  Program(Env e, Store& store, HubOptions options)
      : env(std::move(e)), tasks(env), hub(env.child("hub"), store, std::move(options)) {}

  Env env;
  TaskGroup tasks;
  Hub hub;
  std::unique_ptr<http::HttpServer> server;
  Signal end;
  int exit_code = 0;
};

awaitable<void> start(Program* program) {
  program->hub.set_secure_port(program->server->port());
  auto started = co_await program->hub.start();
  if (!started) {
    program->env.log.error("the store cannot be read: {}", started.error().message);
    program->exit_code = kFailed;
    program->end.notify();
    co_return;
  }
  program->env.log.info("ready port={}", program->server->port());
}

// A hub one of whose background tasks has failed is worth nothing: the process ends.
awaitable<void> watch_over(Program* program) {
  std::string reason;
  try {
    co_await program->hub.until_stopped();
    co_return;
  } catch (const std::exception& e) {
    reason = e.what();
  }
  program->env.log.error("stopping: {}", reason);
  program->exit_code = kFailed;
  program->end.notify();
}

awaitable<bool> stop_all(Program* program) {
  // Watches end first, so that the server's connections can.
  co_await program->hub.stop();
  co_await program->server->stop();
  co_return true;
}

awaitable<void> stop_at_end(Program* program, asio::io_context* context) {
  co_await program->end.wait();
  auto stopping = stop_all(program);
  auto stopped = co_await with_deadline(program->env, kStopLimit, std::move(stopping));
  if (!stopped) program->env.log.error("not everything stopped in time");
  // The last line of a failure is its reason.
  if (program->exit_code == 0) program->env.log.info("stopped");
  context->stop();
}

int fail(const ServerProgramOptions& options, const Log& log, const Status& status) {
  log.error("{}", status.message);
  if (!options.log_file.empty()) fmt::print(stderr, "apiserver: {}\n", status.message);
  return status.reason == "AddressInUse" ? kInUse : kFailed;
}

Result<void> listen(asio::io_context& context, Program& program, const ServerProgramOptions& options) {
  auto tls = read_tls(options);
  if (!tls) return std::unexpected(tls.error());
  http::ServerOptions server;
  server.address = options.bind_address;
  server.port = static_cast<std::uint16_t>(options.secure_port);
  server.tls = std::move(*tls);
  auto handler = [hub = &program.hub](http::Request request) { return hub->handle(std::move(request)); };
  auto listening = http::HttpServer::listen(context, program.env.child("http"), handler, std::move(server));
  if (!listening) return std::unexpected(listening.error());
  program.server = std::move(*listening);
  return {};
}

}  // namespace

int run_server(const ServerProgramOptions& options) {
  asio::io_context context(1);
  RealClock clock(context);
  NoFaults faults;
  LogLevel level = options.verbosity >= 4 ? LogLevel::kDebug : LogLevel::kInfo;
  Log log("apiserver", make_spdlog_sink(options.log_file), level);
  std::uint64_t seed = options.seed ? *options.seed : crypto::random_seed();
  Env env(context.get_executor(), clock, Rng(seed), log, faults);

  auto store = open_store(context, env, options);
  if (!store) return fail(options, log, store.error());
  int exit_code = 0;
  {
    Program program(env.child("server"), **store, options.hub);
    auto listening = listen(context, program, options);
    if (!listening) return fail(options, log, listening.error());
    asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([&program](boost::system::error_code error, int) {
      if (!error) program.end.notify();
    });
    log.info("starting, store {}", options.hub.store_name);
    program.tasks.spawn("start", start(&program));
    program.tasks.spawn("watch over", watch_over(&program));
    program.tasks.spawn("stop", stop_at_end(&program, &context));
    context.run();
    exit_code = program.exit_code;
  }
  return exit_code;
}

}  // namespace kubeloop::apiserver
