#include "libs/client/work_queue.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "libs/base/planted.hpp"
#include "libs/base/signal.hpp"

namespace kubeloop::client {

struct WorkQueue::State {
  State(Env e, RetryDelays r) : env(std::move(e)), retry(r) {}

  struct Delayed {
    Instant at;
    TimerId timer = 0;
    Cause cause;
  };

  void push(const std::string& name, Cause cause) {
    auto [it, is_added] = dirty.try_emplace(name, cause);
    it->second.fold(cause);
    if (!is_added) return;
    if (is_planted("work-queue-loses-busy-key") && processing.contains(name)) dirty.erase(it);
    ++counts.adds;
    if (processing.contains(name)) return;  // queued by done()
    ready.push_back(name);
    filled.notify();
  }

  Env env;
  RetryDelays retry;
  std::deque<std::string> ready;
  std::map<std::string, Cause> dirty;  // to be worked on: in `ready`, or waiting for done()
  std::set<std::string> processing;
  std::map<std::string, Delayed> delayed;
  std::map<std::string, int> failures;
  Counts counts;
  Signal filled;
};

WorkQueue::WorkQueue(Env env, RetryDelays retry) : state_(std::make_shared<State>(std::move(env), retry)) {}

WorkQueue::~WorkQueue() {
  for (auto& [name, delayed] : state_->delayed) state_->env.clock.disarm(delayed.timer);
}

void WorkQueue::add(const std::string& name, Cause cause) {
  state_->push(name, cause);
}

void WorkQueue::add_after(const std::string& name, Duration delay, Cause cause) {
  auto& state = *state_;
  if (delay <= Duration::zero()) return state.push(name, cause);
  Instant at = state.env.clock.now() + delay;
  auto it = state.delayed.find(name);
  if (it != state.delayed.end()) {
    it->second.cause.fold(cause);
    if (it->second.at <= at) return;
    state.env.clock.disarm(it->second.timer);
  } else {
    it = state.delayed.try_emplace(name).first;
    it->second.cause = cause;
  }
  it->second.at = at;
  it->second.timer = state.env.clock.arm(at, [weak = std::weak_ptr(state_), name] {
    auto locked = weak.lock();
    if (!locked) return;
    auto due = locked->delayed.extract(name);
    if (!due.empty()) locked->push(name, due.mapped().cause);
  });
}

void WorkQueue::add_rate_limited(const std::string& name, Cause cause) {
  int failed = state_->failures[name]++;
  ++state_->counts.retries;
  Duration delay = state_->retry.first;
  for (int i = 0; i < failed && delay < state_->retry.longest; ++i) delay *= 2;
  add_after(name, std::min(delay, state_->retry.longest), cause);
}

void WorkQueue::forget(const std::string& name) {
  state_->failures.erase(name);
}

awaitable<WorkQueue::Item> WorkQueue::take() {
  auto state = state_;
  while (state->ready.empty()) co_await state->filled.wait();
  Item item(std::move(state->ready.front()), Cause());
  state->ready.pop_front();
  auto dirty = state->dirty.extract(item.name);
  item.cause = dirty.mapped();
  state->processing.insert(item.name);
  co_return item;
}

void WorkQueue::done(const std::string& name) {
  auto& state = *state_;
  state.processing.erase(name);
  if (!state.dirty.contains(name)) return;
  state.ready.push_back(name);
  state.filled.notify();
}

std::size_t WorkQueue::depth() const {
  return state_->ready.size();
}
WorkQueue::Counts WorkQueue::counts() const {
  return state_->counts;
}

}  // namespace kubeloop::client
