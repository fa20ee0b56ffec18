// Every duration of the simulated kubelet that is not a property of an image, with Kubernetes' defaults (v1.35). A
// scenario may shorten one by name; tests set the jitter to zero. Plain data.
#pragma once
#include "libs/base/time.hpp"

namespace kubeloop::kubelet_sim {

struct Timings {
  // Registration and heartbeats.
  Duration registration_retry_first = 100ms;
  Duration registration_retry_last = 7s;
  Duration lease_renew = 10s;  // a quarter of the lease
  Duration lease_duration = 40s;
  Duration lease_retry_first = 200ms;
  Duration lease_retry_last = 7s;
  Duration node_status_update = 10s;   // how often the status is computed
  Duration node_status_report = 5min;  // how often it is sent when only the heartbeat times changed
  Duration node_ready_check = 100ms;   // the fast path until the node was Ready once
  Duration runtime_startup = 200ms;    // until the container runtime's first status check and relist are done

  // Pod workers.
  Duration relist = 1s;   // a container's end is noticed at the node's next relist
  Duration resync = 60s;  // the longest wait between two syncs while something fails
  Duration network_retry = 1s;
  int requeue_jitter_percent = 50;  // a requeue comes up to so much later than asked
  Duration backoff_first = 10s;     // of crashed containers and of failed pulls
  Duration backoff_last = 300s;
  Duration backoff_reset = 600s;  // a container that ran so long starts over
  Duration minimum_grace = 2s;    // what a container always gets between SIGTERM and SIGKILL
  Duration status_retry = 10s;    // a status write that failed is repeated after this

  // The simulated runtime's own costs.
  Duration sandbox_create = 250ms;
  Duration sandbox_remove = 100ms;
  Duration container_start = 80ms;
  Duration pod_cleanup = 150ms;  // volumes and cgroups, before the object is removed
  int cost_jitter_percent = 10;  // of these costs and of pulls, both ways
};

}  // namespace kubeloop::kubelet_sim
