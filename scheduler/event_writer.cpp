#include "scheduler/event_writer.hpp"

namespace kubeloop::scheduler {
namespace {

constexpr std::size_t kMaxPending = 1000;
constexpr int kMaxTries = 12;
constexpr Duration kRetryAfter = std::chrono::seconds(10);
constexpr Duration kFlushPeriod = std::chrono::minutes(6);

}  // namespace

EventWriter::EventWriter(Env env, client::ApiClient client, std::string controller, std::string host)
    : env_(std::move(env)), client_(std::move(client)), series_(controller, controller + "-" + host) {}

void EventWriter::write(const PodEvent& event, client::Cause cause) {
  if (series_.is_empty()) next_flush_ = env_.clock.now() + kFlushPeriod;
  if (auto write = series_.record(event, env_.clock.wall())) push(std::move(*write), cause);
  wake_.notify();
}

void EventWriter::push(EventWrite write, client::Cause cause) {
  if (pending_.size() >= kMaxPending) {
    ++dropped_;
    env_.log.warning("event {}/{} dropped: {} are waiting", write.namespace_, write.name, pending_.size());
    return;
  }
  Pending pending;
  pending.write = std::move(write);
  pending.cause = cause;
  pending_.push_back(std::move(pending));
}

awaitable<void> EventWriter::run() {
  while (true) {
    if (!series_.is_empty() && env_.clock.now() >= next_flush_) {
      next_flush_ = env_.clock.now() + kFlushPeriod;
      for (auto& write : series_.flush(env_.clock.wall())) push(std::move(write), client::Cause());
    }
    if (!pending_.empty()) {
      Pending next = std::move(pending_.front());
      pending_.pop_front();
      co_await send(std::move(next));
    } else if (series_.is_empty()) {
      co_await wake_.wait();
    } else {
      co_await wake_.wait_until(env_, next_flush_);
    }
  }
}

awaitable<void> EventWriter::send(Pending pending) {
  for (int tries = 1; tries <= kMaxTries; ++tries) {
    auto answer = co_await send_once(pending);
    if (answer) co_return;
    const int code = answer.error().code;
    // The hub has decided: another try would be answered in the same way.
    if (code < 500 && code != 429) {
      env_.log.warning("event {}/{} was refused: {}", pending.write.namespace_, pending.write.name,
                       answer.error().message);
      co_return;
    }
    if (tries < kMaxTries) co_await sleep_for(env_, kRetryAfter);
  }
  env_.log.warning("event {}/{} given up: the hub does not answer", pending.write.namespace_, pending.write.name);
}

awaitable<Result<std::string>> EventWriter::send_once(Pending pending) {
  const auto& write = pending.write;
  if (write.is_new) {
    co_return co_await client_.create(api::kEventsV1, write.namespace_, write.body, pending.cause);
  }
  co_return co_await client_.patch(api::kEventsV1, write.namespace_, write.name, client::PatchType::kStrategicMerge,
                                   write.body, pending.cause);
}

}  // namespace kubeloop::scheduler
