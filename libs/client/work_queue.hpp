// The names a reconciler has to look at. A name is never with two workers at once and never queued twice; one that is
// added while it is being worked on is queued again afterwards. Failures come back with back-off: unless told
// otherwise 5 ms doubling, at most 1000 s (client-go's per-item limiter).
#pragma once
#include <memory>
#include <string>

#include "libs/base/env.hpp"
#include "libs/client/api_client.hpp"

namespace kubeloop::client {

// How long a failed name waits: `first`, then twice as long each time, up to `longest`.
struct RetryDelays {
  Duration first = std::chrono::milliseconds(5);
  Duration longest = std::chrono::seconds(1000);
};

class WorkQueue {
 public:
  explicit WorkQueue(Env env, RetryDelays retry = {});
  ~WorkQueue();  // pending delays are dropped; whoever waits in take() must have been joined
  WorkQueue(const WorkQueue&) = delete;

  // `cause`: the revision that made the name dirty; the highest one is kept until the name is taken.
  void add(const std::string& name, Cause cause);
  // Of several delays of one name the earliest counts.
  void add_after(const std::string& name, Duration delay, Cause cause);
  void add_rate_limited(const std::string& name, Cause cause);
  void forget(const std::string& name);  // resets the back-off

  struct Item {
    std::string name;
    Cause cause;

    Item() = default;
    Item(std::string n, Cause c) : name(std::move(n)), cause(c) {}
  };
  awaitable<Item> take();              // waits for one
  void done(const std::string& name);  // must follow every take
  std::size_t depth() const;           // ready to be taken

  // Since the queue was made; the sources of workqueue_adds_total and workqueue_retries_total.
  struct Counts {
    std::uint64_t adds = 0;
    std::uint64_t retries = 0;
  };
  Counts counts() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::client
