// What a controller manager can be told. The defaults are Kubernetes' own; named timings exist so that a scenario can
// shorten them. Plain data.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libs/base/time.hpp"
#include "libs/client/leader_election.hpp"

namespace kubeloop::controller_manager {

struct Options {
  // Without it, it leads from the beginning.
  std::optional<client::LeaderElectionOptions> election;

  // Names as in --controllers: "*" = all, "name" = on, "-name" = off.
  std::vector<std::string> controllers = {"*"};

  // Pod addresses: one range of node_cidr_mask_size per node out of cluster_cidr, never out of
  // service_cluster_ip_range.
  std::string cluster_cidr = "10.128.0.0/9";
  std::string service_cluster_ip_range = "10.96.0.0/12";
  int node_cidr_mask_size = 24;

  // PEM of the authority that signed the hub's certificate: published in every namespace. Empty in a cluster without
  // TLS.
  std::string root_ca_pem;

  Duration node_monitor_period = std::chrono::seconds(5);
  Duration node_monitor_grace_period = std::chrono::seconds(50);
  Duration node_startup_grace_period = std::chrono::seconds(60);
  double node_eviction_rate = 0.1;  // nodes a second and zone
  double secondary_node_eviction_rate = 0.01;
  int large_cluster_size_threshold = 50;
  double unhealthy_zone_threshold = 0.55;

  // How many sets and deployments are worked on at once.
  int concurrent_replicaset_syncs = 5;
  int concurrent_deployment_syncs = 5;
  int concurrent_job_syncs = 5;

  Duration pod_gc_period = std::chrono::seconds(20);
  Duration pod_gc_quarantine = std::chrono::seconds(40);
  int terminated_pod_gc_threshold = 12500;

  // Changes of pods within that time lead to one sync of a service. Ours: Kubernetes' flags have 0 by default.
  Duration endpoint_updates_batch_period = std::chrono::milliseconds(100);
  Duration endpointslice_updates_batch_period = std::chrono::milliseconds(100);
  int max_endpoints_per_slice = 100;

  // From the deletion of a namespace to the removal of its content.
  Duration namespace_deletion_delay = std::chrono::seconds(5);
  int concurrent_namespace_syncs = 10;

  Duration gc_discovery_period = std::chrono::seconds(30);
  int concurrent_gc_syncs = 20;

  // Changes of pods within that time lead to one new status of a disruption budget.
  Duration disruption_batch_period = std::chrono::milliseconds(100);
};

// The lease of kube-controller-manager. The identity is the caller's to fill in.
inline client::LeaderElectionOptions default_election() {
  client::LeaderElectionOptions election;
  election.lease_name = "kube-controller-manager";
  election.event_source = "kube-controller-manager";
  return election;
}

}  // namespace kubeloop::controller_manager
