#include "simulator/faults/faulty_transport.hpp"

#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "libs/http/status_response.hpp"
#include "simulator/faults/faulty_reader.hpp"

namespace kubeloop::simulator {
namespace {

Status unreachable() {
  return Status(503, "ServiceUnavailable", "the API server cannot be reached: connection reset by peer");
}

http::Response answer_of(int code) {
  switch (code) {
    case 409:
      return http::status_response(409, "Conflict",
                                   "the object has been modified; please apply your changes to the "
                                   "latest version and try again");
    case 410:
      return http::status_response(410, "Expired", "too old resource version");
    case 429: {
      auto response = http::status_response(429, "TooManyRequests", "too many requests, please try again later");
      response.headers.add("Retry-After", "1");
      return response;
    }
    default:
      return http::status_response(500, "InternalError", "Internal error occurred: told to fail");
  }
}

}  // namespace

void FaultTable::begin(std::uint64_t id, Fault fault) {
  const Fault& stored = active_[id] = std::move(fault);
  tell(&stored);
}

void FaultTable::end(std::uint64_t id) {
  if (active_.erase(id) > 0) tell(nullptr);
}

void FaultTable::clear() {
  active_.clear();
  tell(nullptr);
}

void FaultTable::tell(const Fault* fault) {
  auto listeners = listeners_;
  for (const auto& [who, listener] : listeners) listener(fault);
}

struct FaultyTransport::State {
  State(const Env& e, std::unique_ptr<http::CuttableTransport> i, http::Handler l, FaultTable& t)
      : env(e.child("faults")), inner(std::move(i)), late(std::move(l)), table(t), tasks(env) {}

  Env env;
  std::unique_ptr<http::CuttableTransport> inner;
  http::Handler late;
  FaultTable& table;
  TaskGroup tasks;
  Interceptor interceptor;
  Duration late_by{};
  bool is_cut = false;
  std::uint64_t streams = 0;
  Signal cut_off;
};

FaultyTransport::FaultyTransport(const Env& env, std::unique_ptr<http::CuttableTransport> inner, http::Handler late,
                                 FaultTable& table)
    : state_(std::make_shared<State>(env, std::move(inner), std::move(late), table)) {}

FaultyTransport::~FaultyTransport() {
  cut();
  state_->tasks.stop();
}

namespace {

awaitable<void> arrive_late(http::Handler handler, http::Request request, Instant at, const Env& env) {
  co_await sleep_until(env, at);
  auto unheard = co_await handler(std::move(request));
}

}  // namespace

void FaultyTransport::intercept(Interceptor interceptor, Duration delay) {
  state_->interceptor = std::move(interceptor);
  state_->late_by = delay;
}

awaitable<Result<http::Response>> FaultyTransport::send(http::Request request) {
  auto state = state_;
  if (state->is_cut) co_return failure(unreachable());
  auto interception = state->interceptor ? state->interceptor(request) : Interception::kPass;
  if (interception != Interception::kPass) {
    if (interception == Interception::kHold) {
      Instant at = state->env.clock.now() + state->late_by;
      state->tasks.spawn("held request", arrive_late(state->late, std::move(request), at, state->env));
    }
    while (!state->is_cut) co_await state->cut_off.wait();
    co_return failure(unreachable());
  }
  auto facts = facts_of(request.method, request.target, request.headers.get("Impersonate-User"));
  auto fate = decide_fate(state->table.active(), facts, state->env.rng);
  std::string resource(facts.resource);
  bool is_watch = facts.is_watch;
  if (fate.delay > Duration::zero()) co_await sleep_for(state->env, fate.delay);
  if (state->is_cut || fate.end == RequestFate::End::kLost) co_return failure(unreachable());
  if (fate.end == RequestFate::End::kAnswer) co_return answer_of(fate.code);
  auto response = co_await state->inner->send(std::move(request));
  if (fate.end == RequestFate::End::kReplyLost) co_return failure(unreachable());
  if (!response || !is_watch || !response->is_stream()) co_return response;
  auto inner = std::move(std::get<std::unique_ptr<http::BodyReader>>(response->body));
  Rng rng = state->env.rng.fork("stream " + std::to_string(++state->streams));
  response->body =
      make_faulty_reader(state->env, state->tasks, state->table, std::move(inner), std::move(resource), std::move(rng));
  co_return response;
}

void FaultyTransport::cut() {
  state_->is_cut = true;
  state_->cut_off.notify();
  state_->inner->cut();
}

void FaultyTransport::restore() {
  state_->is_cut = false;
  state_->inner->restore();
}

}  // namespace kubeloop::simulator
