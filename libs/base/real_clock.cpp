#include "libs/base/real_clock.hpp"

#include <boost/asio/steady_timer.hpp>

#include <map>
#include <unordered_map>

namespace kubeloop {

using SteadyClock = std::chrono::steady_clock;

struct RealClock::State : std::enable_shared_from_this<State> {
  explicit State(boost::asio::io_context& context) : wakeup(context), start(SteadyClock::now()) {}

  boost::asio::steady_timer wakeup;
  SteadyClock::time_point start;
  TimerId last_id = 0;
  std::map<std::pair<Instant, TimerId>, Task> timers;
  std::unordered_map<TimerId, Instant> due;

  Instant now() const { return Instant(std::chrono::duration_cast<Duration>(SteadyClock::now() - start)); }

  void set_wakeup() {
    if (timers.empty()) {
      wakeup.cancel();
      return;
    }
    wakeup.expires_at(start + timers.begin()->first.first.time_since_epoch());
    wakeup.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
      auto self = weak.lock();
      if (!ec && self) self->run_due();
    });
  }

  void run_due() {
    while (!timers.empty() && timers.begin()->first.first <= now()) {
      auto node = timers.extract(timers.begin());
      due.erase(node.key().second);
      node.mapped()();
    }
    set_wakeup();
  }
};

RealClock::RealClock(boost::asio::io_context& context) : state_(std::make_shared<State>(context)) {}
RealClock::~RealClock() { state_->wakeup.cancel(); }

Instant RealClock::now() const { return state_->now(); }
WallTime RealClock::wall() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

TimerId RealClock::arm(Instant at, Task task) {
  TimerId id = ++state_->last_id;
  auto [it, inserted] = state_->timers.emplace(std::pair(at, id), std::move(task));
  state_->due.emplace(id, at);
  if (it == state_->timers.begin()) state_->set_wakeup();
  return id;
}

bool RealClock::disarm(TimerId id) {
  auto it = state_->due.find(id);
  if (it == state_->due.end()) return false;
  state_->timers.erase({it->second, id});
  state_->due.erase(it);
  return true;
}

}  // namespace kubeloop
