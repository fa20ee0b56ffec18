#include <map>

#include "libs/base/cancellable.hpp"
#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "libs/http/status_response.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::http {

// A request on the other side. It goes on when the caller has gone: what was sent, was sent.
struct DirectTransport::Call {
  std::optional<Response> response;
  Signal done;
};

namespace {

Status unreachable() {
  return Status(503, "ServiceUnavailable", "the API server cannot be reached: connection refused");
}

// As a session does: an exception out of the handler is answered 500.
template <class Call>
awaitable<void> serve(Handler handler, Request request, std::shared_ptr<Call> call, Log log) {
  std::string what;
  try {
    auto response = co_await handler(std::move(request));
    call->response.emplace(std::move(response));
  } catch (const std::exception& e) {
    what = e.what();
  }
  if (!call->response) {
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;  // nobody waits any more
    log.error("a handler failed: {}", what);
    call->response.emplace(status_response(500, "InternalError", "Internal error occurred: " + what));
  }
  call->done.notify();
}

}  // namespace

struct DirectTransport::State {
  State(Env e, Handler h, Peer p, Duration l)
      : env(std::move(e)), handler(std::move(h)), peer(std::move(p)), latency(l), serving(env) {}

  Env env;
  Handler handler;
  Peer peer;
  Duration latency;
  TaskGroup serving;
  bool is_cut = false;
  std::uint64_t epoch = 0;  // raised by each cut
  std::uint64_t last_id = 0;
  std::map<std::uint64_t, std::shared_ptr<Call>> calls;
  std::map<std::uint64_t, std::shared_ptr<CancelGate>> reads;

  bool is_broken_since(std::uint64_t then) const { return is_cut || epoch != then; }
};

namespace {

// A stream that a cut of its transport ends with an error.
template <class State>
class CuttableReader final : public BodyReader {
 public:
  CuttableReader(std::shared_ptr<State> state, std::unique_ptr<BodyReader> inner)
      : state_(std::move(state)), inner_(std::move(inner)), epoch_(state_->epoch) {}

  awaitable<Result<std::string>> next() override {
    auto state = state_;
    auto epoch = epoch_;
    if (!inner_ || state->is_broken_since(epoch)) co_return failure(unreachable());
    auto id = ++state->last_id;
    auto gate = std::make_shared<CancelGate>();
    state->reads.emplace(id, gate);
    auto executor = state->env.executor;
    std::optional<Result<std::string>> chunk;
    std::exception_ptr error;
    try {
      chunk = co_await run_cancellable(executor, inner_->next(), gate);
    } catch (...) {
      error = std::current_exception();
    }
    state->reads.erase(id);
    if (state->is_broken_since(epoch)) {
      inner_.reset();
      co_return failure(unreachable());
    }
    if (error) std::rethrow_exception(error);
    if (state->latency > Duration::zero()) co_await sleep_for(state->env, state->latency);
    co_return std::move(*chunk);
  }

 private:
  std::shared_ptr<State> state_;
  std::unique_ptr<BodyReader> inner_;
  std::uint64_t epoch_;
};

}  // namespace

DirectTransport::DirectTransport(Env env, Handler handler, Peer peer, Duration latency)
    : state_(std::make_shared<State>(std::move(env), std::move(handler), std::move(peer), latency)) {}

DirectTransport::~DirectTransport() {
  cut();
  state_->serving.stop();
}

awaitable<Result<Response>> DirectTransport::send(Request request) {
  auto state = state_;
  if (state->is_cut) co_return failure(unreachable());
  request.peer = state->peer;
  auto epoch = state->epoch;
  if (state->latency > Duration::zero()) co_await sleep_for(state->env, state->latency);
  if (state->is_broken_since(epoch)) co_return failure(unreachable());
  auto id = ++state->last_id;
  auto call = std::make_shared<Call>();
  state->calls.emplace(id, call);
  state->serving.spawn("request", serve(state->handler, std::move(request), call, state->env.log));
  try {
    co_await call->done.wait();
  } catch (...) {
    state->calls.erase(id);
    throw;
  }
  state->calls.erase(id);
  if (state->is_broken_since(epoch) || !call->response) co_return failure(unreachable());
  if (state->latency > Duration::zero()) co_await sleep_for(state->env, state->latency);
  if (state->is_broken_since(epoch)) co_return failure(unreachable());
  if (call->response->is_stream()) {
    auto inner = std::move(std::get<std::unique_ptr<BodyReader>>(call->response->body));
    call->response->body = std::make_unique<CuttableReader<State>>(state, std::move(inner));
  }
  co_return std::move(*call->response);
}

void DirectTransport::cut() {
  state_->is_cut = true;
  ++state_->epoch;
  for (auto& [id, call] : state_->calls) call->done.notify();
  auto reads = state_->reads;
  for (auto& [id, gate] : reads) gate->cancel();
}

void DirectTransport::restore() {
  state_->is_cut = false;
}

}  // namespace kubeloop::http
