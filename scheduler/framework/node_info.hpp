// A node with the pods on it (bound or assumed) and their sums: what filters and scores read. A NodeInfo without a node
// is a ghost: pods are known to be on it, the node itself is not there (any more). Owned by the cache; copied for dry
// runs.
#pragma once
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/api/views/node.hpp"
#include "scheduler/framework/pod_info.hpp"

namespace kubeloop::scheduler {

// An image somewhere in the cluster. Shared by the nodes that have it.
struct ImageState {
  std::int64_t size_bytes = 0;  // as first reported
  std::set<std::string> nodes;
};

struct NodeInfo {
  explicit NodeInfo(std::string n) : name(std::move(n)) {}

  std::string name;
  std::shared_ptr<const api::Node> node;  // null for a ghost
  ResourceAmounts allocatable;
  ResourceAmounts requested;           // real requests
  ResourceAmounts non_zero_requested;  // with the defaults of missing ones
  std::vector<PodInfoPtr> pods;        // in order of arrival; a removal puts the last in the gap
  std::set<HostPort> used_ports;
  std::unordered_map<std::string, std::shared_ptr<const ImageState>> images;

  void set_node(std::shared_ptr<const api::Node> n);
  void add_pod(PodInfoPtr pod);
  // False when no pod of that uid is here.
  bool remove_pod(const std::string& uid);

  const api::StringMap& labels() const { return node->metadata.labels; }
  const std::vector<api::Taint>& taints() const { return node->spec.taints; }
};

}  // namespace kubeloop::scheduler
