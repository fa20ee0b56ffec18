#include "simulator/scenario/load.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "simulator/scenario/arrivals.hpp"
#include "simulator/scenario/bounded_writes.hpp"
#include "simulator/scenario/object_target.hpp"

namespace kubeloop::simulator {
namespace {

// What the hub could not do is asked for again after this.
constexpr Duration kRemoveAgain = std::chrono::seconds(1);

// Whether the request itself is wrong; everything else may be otherwise the next time.
bool is_refusal(const Status& status) {
  for (int code : {400, 401, 403, 404, 405, 415, 422}) {
    if (status.code == code) return true;
  }
  return false;
}

}  // namespace

struct Load::State {
  State(const Env& e, TaskGroup& t, client::ApiClient& c, LoadStep s, Rng random)
      : env(e),
        tasks(t),
        client(c),
        step(std::move(s)),
        arrivals(step, random),
        writes(t, kMostLoadWrites),
        removals(t, kMostLoadWrites) {}

  const Env& env;
  TaskGroup& tasks;
  client::ApiClient& client;
  LoadStep step;
  Arrivals arrivals;
  BoundedWrites writes, removals;
  std::optional<api::Resource> resource;
  std::int64_t created = 0, missed = 0;
  bool has_ended = false;  // nothing arrives any more, and all are answered
  Signal ended;
  // Who goes when; the number keeps apart those that go at once.
  std::map<std::pair<Instant, std::int64_t>, std::pair<std::string, std::string>> leaving;
  Signal leaving_changed;
  std::optional<Status> error;
};

Load::Load(const Env& env, TaskGroup& tasks, client::ApiClient& client, LoadStep step, Rng random)
    : state_(std::make_shared<State>(env, tasks, client, std::move(step), random)) {}

void Load::start() {
  state_->tasks.spawn("load " + state_->step.what.name, arrive(state_));
  if (state_->step.lifetime) state_->tasks.spawn("end of load " + state_->step.what.name, leave(state_));
}

awaitable<void> Load::arrive(std::shared_ptr<State> state) {
  Instant begin = state->env.clock.now();
  std::int64_t number = 0;
  for (auto at = state->arrivals.next(); at && !state->error; at = state->arrivals.next()) {
    if (begin + *at > state->env.clock.now()) co_await sleep_until(state->env, begin + *at);
    if (state->error) break;
    Duration lifetime = state->step.lifetime ? state->arrivals.draw_lifetime() : Duration::zero();
    auto write = create(state, ++number, lifetime);
    co_await state->writes.start(std::move(write));
  }
  Instant end = begin + state->step.length;
  if (!state->error && end > state->env.clock.now()) co_await sleep_until(state->env, end);
  co_await state->writes.wait_for_all();
  state->has_ended = true;
  state->ended.notify();
  state->leaving_changed.notify();
}

awaitable<void> Load::create(std::shared_ptr<State> state, std::int64_t number, Duration lifetime) {
  auto object = make_object(state->step.what, number);
  auto target = object ? target_of(*object) : Result<ObjectTarget>(std::unexpected(object.error()));
  if (!target) {
    state->error = target.error();
    co_return;
  }
  state->resource = target->resource;
  std::string name = (*object)["metadata"]["name"].get<std::string>();
  std::string body = object->dump();
  client::Cause cause;
  auto created = co_await state->client.create(target->resource, target->namespace_, std::move(body), cause);
  if (created) {
    ++state->created;
  } else {
    ++state->missed;
    if (is_refusal(created.error()) && !state->error) {
      state->error = Status(created.error().code, created.error().reason, name + ": " + created.error().message);
    }
    // The answer may be lost and the object there: it goes in its time as well.
    if (is_refusal(created.error())) co_return;
  }
  if (!state->step.lifetime) co_return;
  state->leaving[{state->env.clock.now() + lifetime, number}] = {target->namespace_, name};
  state->leaving_changed.notify();
}

awaitable<void> Load::leave(std::shared_ptr<State> state) {
  while (!state->has_ended || !state->leaving.empty()) {
    if (state->leaving.empty()) {
      co_await state->leaving_changed.wait();
      continue;
    }
    Instant first = state->leaving.begin()->first.first;
    if (first > state->env.clock.now()) {
      co_await state->leaving_changed.wait_until(state->env, first);
      continue;
    }
    auto [namespace_, name] = state->leaving.begin()->second;
    state->leaving.erase(state->leaving.begin());
    auto write = remove(state, namespace_, name);
    co_await state->removals.start(std::move(write));
  }
}

awaitable<void> Load::remove(std::shared_ptr<State> state, std::string namespace_, std::string name) {
  for (;;) {
    client::Cause cause;
    auto removed = co_await state->client.remove(*state->resource, namespace_, name, "", cause);
    if (removed || is_refusal(removed.error())) co_return;
    co_await sleep_for(state->env, kRemoveAgain);
  }
}

awaitable<Result<void>> Load::wait_for_end() {
  auto state = state_;
  while (!state->has_ended) co_await state->ended.wait();
  if (state->error) co_return failure(*state->error);
  co_return Result<void>();
}

std::optional<Status> Load::error() const {
  return state_->error;
}

std::string Load::counts() const {
  return fmt::format("{} created, {} not", state_->created, state_->missed);
}

}  // namespace kubeloop::simulator
