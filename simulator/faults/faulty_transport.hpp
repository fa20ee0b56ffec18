// The way between one component and the hub when something can be wrong with it: requests late, refused or lost,
// watches cut, late or mixed up, according to the faults of the component's FaultTable; and single writes held or lost,
// with which the component dies. Stands directly before the component: what is observed behind it is the truth.
#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/http/transport.hpp"
#include "simulator/faults/request_fate.hpp"

namespace kubeloop::simulator {

// The faults that are on for one component, over all its lives. Owned by the cluster.
class FaultTable {
 public:
  void begin(std::uint64_t id, Fault fault);
  void end(std::uint64_t id);
  void clear();
  const ActiveFaults& active() const { return active_; }

  // Told of every fault that begins, and (null) when something ended.
  using Listener = std::function<void(const Fault*)>;
  void listen(const void* who, Listener listener) { listeners_.emplace_back(who, std::move(listener)); }
  void leave(const void* who) {
    std::erase_if(listeners_, [who](const auto& one) { return one.first == who; });
  }

 private:
  void tell(const Fault* fault);

  ActiveFaults active_;
  // In the order in which they came: that of addresses is not the same in every run.
  std::vector<std::pair<const void*, Listener>> listeners_;
};

class FaultyTransport final : public http::CuttableTransport {
 public:
  // `env` is the component's. `late` takes requests that arrive although their sender is gone. `table` outlives this.
  FaultyTransport(const Env& env, std::unique_ptr<http::CuttableTransport> inner, http::Handler late,
                  FaultTable& table);
  ~FaultyTransport() override;

  awaitable<Result<http::Response>> send(http::Request request) override;
  void cut() override;
  void restore() override;

  // Looks at every request before it goes out.
  enum class Interception { kPass, kHold, kLose };
  using Interceptor = std::function<Interception(const http::Request&)>;
  // kHold: it arrives `delay` later, also when its sender has gone meanwhile; kLose: never. In both cases nobody is
  // answered, and the one who sent it waits until a cut.
  void intercept(Interceptor interceptor, Duration delay);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::simulator
