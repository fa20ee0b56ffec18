#include "libs/http/server.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include "libs/base/task_group.hpp"
#include "libs/http/socket_stream.hpp"

namespace kubeloop::http {

using asio::ip::tcp;
using boost::system::error_code;

struct HttpServer::State {
  State(asio::io_context& context, Env env, Handler handler, ServerOptions o)
      : acceptor(context),
        host(std::make_shared<SessionHost>(std::move(env), std::move(handler), o.limits)),
        options(std::move(o)),
        sessions(host->env),
        accepting(host->env) {}

  tcp::acceptor acceptor;
  std::shared_ptr<SessionHost> host;
  ServerOptions options;
  TlsContext tls;
  std::uint16_t port = 0;
  TaskGroup sessions;
  TaskGroup accepting;

  void close() {
    error_code ignored;
    acceptor.close(ignored);
    accepting.stop();
    sessions.stop();
  }
};

namespace {

template <class State>
awaitable<void> accept_all(std::shared_ptr<State> state) {
  bool is_full = false;
  for (;;) {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    tcp::socket socket = co_await state->acceptor.async_accept(token);
    if (error == asio::error::operation_aborted || !state->acceptor.is_open()) co_return;
    if (error) {
      // Out of file descriptors, most often: others will be closed.
      state->host->env.log.warning("accepting a connection failed: {}", error.message());
      co_await sleep_for(state->host->env, std::chrono::milliseconds(100));
      continue;
    }
    bool was_full = std::exchange(is_full, state->sessions.live() >= state->options.max_connections);
    if (is_full) {
      if (!was_full) state->host->env.log.warning("{} connections are open: refusing more", state->sessions.live());
      continue;
    }
    auto stream = make_server_stream(std::move(socket), state->tls);
    state->sessions.spawn("session", serve_session(state->host, std::move(stream)));
  }
}

Result<void> bind(tcp::acceptor& acceptor, const ServerOptions& options) {
  error_code error;
  auto address = asio::ip::make_address(options.address, error);
  if (error) return failure(400, "BadRequest", fmt::format("\"{}\" is no IP address", options.address));
  tcp::endpoint endpoint(address, options.port);
  auto failed = [&](const char* what) {
    bool is_in_use = error == asio::error::address_in_use;
    std::string message = fmt::format("{} {}:{}: {}", what, options.address, options.port, error.message());
    return failure(is_in_use ? 409 : 500, is_in_use ? "AddressInUse" : "InternalError", std::move(message));
  };
  if (acceptor.open(endpoint.protocol(), error); error) return failed("open a socket for");
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (acceptor.bind(endpoint, error); error) return failed("bind");
  if (acceptor.listen(asio::socket_base::max_listen_connections, error); error) return failed("listen on");
  return Result<void>();
}

}  // namespace

HttpServer::HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() {
  state_->close();
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::io_context& context, Env env, Handler handler,
                                                       ServerOptions options) {
  auto state = std::make_shared<State>(context, std::move(env), std::move(handler), std::move(options));
  if (state->options.tls) {
    auto tls = make_server_context(*state->options.tls);
    if (!tls) return failure(tls.error());
    state->tls = std::move(*tls);
  }
  if (auto bound = bind(state->acceptor, state->options); !bound) return failure(bound.error());
  state->port = state->acceptor.local_endpoint().port();
  state->accepting.spawn("accept", accept_all(state));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

std::uint16_t HttpServer::port() const {
  return state_->port;
}
std::size_t HttpServer::connections() const {
  return state_->sessions.live();
}
const SessionCounters& HttpServer::counters() const {
  return state_->host->counters;
}

awaitable<void> HttpServer::stop() {
  auto state = state_;
  state->close();
  co_await state->accepting.stop_and_join();
  co_await state->sessions.stop_and_join();
}

}  // namespace kubeloop::http
