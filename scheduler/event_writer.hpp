// Sends the scheduler's events to the hub, best effort and in order, in the background: at most 1,000 wait (more are
// dropped), each is tried 12 times, 10 s apart, while the hub does not answer. run() belongs into the component's
// TaskGroup.
#pragma once
#include <deque>
#include <string>

#include "libs/base/signal.hpp"
#include "libs/client/api_client.hpp"
#include "scheduler/event_series.hpp"

namespace kubeloop::scheduler {

class EventWriter {
 public:
  EventWriter(Env env, client::ApiClient client, std::string controller, std::string host);

  void write(const PodEvent& event, client::Cause cause);
  // Never returns but by cancellation.
  awaitable<void> run();
  std::size_t dropped() const { return dropped_; }

 private:
  struct Pending {
    EventWrite write;
    client::Cause cause;
  };

  void push(EventWrite write, client::Cause cause);
  awaitable<void> send(Pending pending);
  awaitable<Result<std::string>> send_once(Pending pending);

  Env env_;
  client::ApiClient client_;
  EventSeries series_;
  std::deque<Pending> pending_;
  Instant next_flush_{};
  Signal wake_;
  std::size_t dropped_ = 0;
};

}  // namespace kubeloop::scheduler
