#include "scheduler/framework/node_info.hpp"

#include <algorithm>

namespace kubeloop::scheduler {

void NodeInfo::set_node(std::shared_ptr<const api::Node> n) {
  node = std::move(n);
  allocatable = node ? parse_amounts(node->status.allocatable) : ResourceAmounts();
}

void NodeInfo::add_pod(PodInfoPtr pod) {
  requested.add(pod->requests.real);
  non_zero_requested.add(pod->requests.non_zero);
  used_ports.insert(pod->host_ports.begin(), pod->host_ports.end());
  pods.push_back(std::move(pod));
}

bool NodeInfo::remove_pod(const std::string& uid) {
  auto it = std::find_if(pods.begin(), pods.end(), [&](const PodInfoPtr& pod) { return pod->uid() == uid; });
  if (it == pods.end()) return false;
  requested.subtract((*it)->requests.real);
  non_zero_requested.subtract((*it)->requests.non_zero);
  for (const auto& port : (*it)->host_ports) used_ports.erase(port);
  *it = std::move(pods.back());
  pods.pop_back();
  return true;
}

}  // namespace kubeloop::scheduler
