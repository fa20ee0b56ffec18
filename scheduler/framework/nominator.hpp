// Pending pods that a node has been promised to (status.nominatedNodeName): filters count them as if they were there
// already. Ordered by arrival within a node. Owned by the scheduling queue.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "scheduler/framework/pod_info.hpp"

namespace kubeloop::scheduler {

class Nominator {
 public:
  // Moves the pod to `node`; an empty name takes it away.
  void set(const PodInfoPtr& pod, const std::string& node) {
    remove(pod->uid());
    if (node.empty()) return;
    by_node_[node].push_back(pod);
    node_of_[pod->uid()] = node;
  }
  void remove(const std::string& uid) {
    auto it = node_of_.find(uid);
    if (it == node_of_.end()) return;
    auto& pods = by_node_[it->second];
    std::erase_if(pods, [&](const PodInfoPtr& pod) { return pod->uid() == uid; });
    if (pods.empty()) by_node_.erase(it->second);
    node_of_.erase(it);
  }
  // The pods promised to that node; null when there are none.
  const std::vector<PodInfoPtr>* pods_of(const std::string& node) const {
    if (by_node_.empty()) return nullptr;
    auto it = by_node_.find(node);
    return it == by_node_.end() ? nullptr : &it->second;
  }

 private:
  std::map<std::string, std::vector<PodInfoPtr>> by_node_;
  std::map<std::string, std::string> node_of_;  // uid -> node
};

}  // namespace kubeloop::scheduler
