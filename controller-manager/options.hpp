// What a controller manager can be told. The defaults are Kubernetes' own; named timings exist so that a scenario can
// shorten them. Plain data.
#pragma once
#include <string>
#include <vector>

#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

struct Options {
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

  Duration pod_gc_period = std::chrono::seconds(20);
  Duration pod_gc_quarantine = std::chrono::seconds(40);
  int terminated_pod_gc_threshold = 12500;
};

}  // namespace kubeloop::controller_manager
