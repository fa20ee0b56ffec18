// The pods of each node, kept up to date by the pod informer. Ordered, so that whoever acts on them does so in the same
// order every time.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "libs/api/views/pod.hpp"
#include "libs/client/informer.hpp"

namespace kubeloop::controller_manager {

class PodIndex {
 public:
  using Ptr = std::shared_ptr<const api::Pod>;

  void fold(const Ptr& before, const Ptr& after) {
    if (before && !before->spec.nodeName.empty()) {
      auto it = by_node_.find(before->spec.nodeName);
      if (it != by_node_.end()) {
        it->second.erase(client::key_of(*before));
        if (it->second.empty()) by_node_.erase(it);
      }
    }
    if (after && !after->spec.nodeName.empty()) by_node_[after->spec.nodeName][client::key_of(*after)] = after;
  }

  // A copy: the index may change while the caller waits for a write.
  std::map<std::string, Ptr> on(const std::string& node) const {
    auto it = by_node_.find(node);
    return it == by_node_.end() ? std::map<std::string, Ptr>() : it->second;
  }

 private:
  std::map<std::string, std::map<std::string, Ptr>> by_node_;
};

}  // namespace kubeloop::controller_manager
