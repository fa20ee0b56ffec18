// Which pods nobody will ever take care of again. Pure. Source: Kubernetes' pod garbage collector.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libs/api/views/node.hpp"
#include "libs/api/views/pod.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

using PodMap = std::map<std::string, std::shared_ptr<const api::Pod>>;
using NodeMap = std::map<std::string, std::shared_ptr<const api::Node>>;

// Since when a node that pods name has been missing.
using MissingNodes = std::map<std::string, Instant>;

// What `known` becomes in this pass: a node that came back, or that no pod names any more, is forgotten.
MissingNodes missing_nodes(const MissingNodes& known, const PodMap& pods, const NodeMap& nodes, Instant now);

// Keys of pods that ended, beyond `threshold`: evicted ones first, then the oldest.
std::vector<std::string> surplus_ended(const PodMap& pods, int threshold);
// Being deleted and never bound: no kubelet will end them.
std::vector<std::string> unbound_terminating(const PodMap& pods);
// Being deleted on a node that is not ready and declared out of service.
std::vector<std::string> out_of_service(const PodMap& pods, const NodeMap& nodes);
// On one of these nodes.
std::vector<std::string> bound_to(const PodMap& pods, const std::set<std::string>& nodes);

}  // namespace kubeloop::controller_manager
