// Leader election, the effects: one candidate for one Lease. It acquires the lease, keeps it while it can, and gives it
// back at a clean stop. The decisions are leader_election_plan's. Owned by the component, which acts only between
// acquire() and the end of hold().
#pragma once
#include <memory>
#include <stdexcept>
#include <string>

#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"
#include "libs/client/leader_election_plan.hpp"

namespace kubeloop::client {

struct LeaderElectionOptions {
  LeaderElectionTiming timing;
  std::string lease_namespace = "kube-system";
  std::string lease_name;    // "kube-scheduler"
  std::string event_source;  // the component's name in the events about the lease
  // Must differ between any two lives of any two candidates.
  std::string identity;
};

// "<host>_<uuid>"; the uuid comes from `rng`.
std::string make_identity(const std::string& host, Rng rng);

// How a component ends that has lost its lease: it must not go on acting.
class LeadershipLost : public std::runtime_error {
 public:
  LeadershipLost() : std::runtime_error("leaderelection lost") {}
};

class LeaderElector {
 public:
  // `client` gives the transport; requests go under its actor with "/leader-election". Place for faults: before-renew.
  LeaderElector(Env env, const ApiClient& client, LeaderElectionOptions options);
  ~LeaderElector();  // after stop(), or when the executor never runs again

  // Returns when this candidate leads; looks at the lease every one to 2.2 retry periods until then.
  awaitable<void> acquire();
  // Renews every retry period. When the lease is lost, `acting` fails with LeadershipLost at once, no later than its
  // renew deadline, and this returns.
  awaitable<void> hold(TaskGroup& acting);
  // Gives the lease back if it is held, says so in an event, and ends the elector's own tasks; for at most three
  // seconds. To be called once nothing acts any more.
  awaitable<void> stop();

  // By its own clock: false from the moment at which its lease may be another's.
  bool is_leading() const;
  const std::string& identity() const;
  // leader_election_master_status and leader_election_slowpath_total, as Prometheus text.
  std::string metrics() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::client
