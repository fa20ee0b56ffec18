// Runs the controllers over one set of informers; with leader election, from the moment it leads. It keeps nothing that
// could not be found again from the hub, so it may be killed between any two writes. `transport` outlives it.
#pragma once
#include <memory>
#include <string>

#include "controller-manager/options.hpp"
#include "libs/base/env.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::controller_manager {

class ControllerManager {
 public:
  ControllerManager(Env env, http::Transport& transport, Options options);
  ~ControllerManager();

  // Runs the informers and all enabled controllers until stop(). Call once. Throws when an essential task has failed,
  // and client::LeadershipLost when the lease is lost: nothing acts any more then.
  awaitable<void> run();
  // Cancels and joins everything, then gives the lease back. May be called at any time, also without run().
  awaitable<void> stop();
  // All informers have their first list, or it is a standby: its informers begin when it leads.
  bool is_ready() const;
  bool is_leading() const;
  // Work queue counters under Kubernetes' names, as Prometheus text.
  std::string metrics() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::controller_manager
