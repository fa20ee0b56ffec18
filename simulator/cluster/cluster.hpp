// A running cluster as a scenario sees it. Two kinds: VirtualCluster (everything in this process, in virtual time) and
// ProcessCluster (real daemons). Methods may be called one after the other only.
#pragma once
#include <string>

#include "libs/base/env.hpp"
#include "libs/base/result.hpp"
#include "libs/http/transport.hpp"
#include "simulator/faults/fault.hpp"

namespace kubeloop::simulator {

class Cluster {
 public:
  virtual ~Cluster() = default;

  // The hub, as an administrator.
  virtual http::Transport& admin() = 0;

  virtual awaitable<Result<void>> start_node(std::string name) = 0;
  virtual awaitable<Result<void>> stop_node(std::string name) = 0;
  // Kills at once (`place` empty), or arms the place: the component dies when it gets there.
  virtual awaitable<Result<void>> kill_component(std::string name, std::string place) = 0;
  // Waits for the death of one that was told to die, then starts it anew; 504 when it never got to its place.
  virtual awaitable<Result<void>> start_component(std::string name) = 0;
  // From now on that is wrong; the number ends it again. 404 for an unknown target, 400 for what this kind of cluster
  // cannot do.
  virtual awaitable<Result<std::uint64_t>> begin_fault(Fault fault) = 0;
  virtual awaitable<void> end_fault(std::uint64_t id) = 0;
  // Ends every fault, and starts what faults have stopped; what the scenario stopped stays so.
  virtual awaitable<void> heal() = 0;

  // Which components have ended by themselves and why ("scheduler: leaderelection lost"), "" = none.
  virtual std::string ended() const = 0;
  // Ends everything that was started.
  virtual awaitable<void> stop() = 0;

  // A kubeconfig with which programs reach the hub as an administrator; 501 when they cannot.
  virtual Result<std::string> kubeconfig() const {
    return failure(501, "NotImplemented", "programs cannot reach a cluster in virtual time");
  }

  // "SQLite" or "memory": what stands in the place of etcd.
  virtual std::string store_name() const = 0;
};

}  // namespace kubeloop::simulator
