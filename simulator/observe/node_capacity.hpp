// Checker "node-capacity": no binding takes a node over what it has. What pods ask for is summed as the scheduler and
// the kubelet do it, exactly.
#pragma once
#include <map>
#include <unordered_map>

#include "libs/api/quota/amounts.hpp"
#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class NodeCapacity final : public Checker {
 public:
  std::string_view name() const override { return "node-capacity"; }
  std::string_view rule() const override {
    return "at the moment a pod is bound, what it and the node's other pods that have not ended ask for is within the "
           "node's allocatable, for each resource that it asks for, the number of pods included";
  }
  void check(const Commit& commit) override;

 private:
  struct Node {
    bool is_known = false;
    api::Amounts allocatable, earlier;  // the scheduler may not have heard yet of a change
    Instant changed{};
    api::Amounts used;
  };
  struct Pod {
    std::string node;
    api::Amounts requests;
  };
  void check_node(const Commit& commit);
  void check_pod(const Commit& commit);
  void check_binding(const Commit& commit, const Pod& pod, const Node& node);
  void release(const std::string& uid);

  std::map<std::string, Node> nodes_;
  std::unordered_map<std::string, Pod> pods_;  // by uid: bound and not ended
};

}  // namespace kubeloop::simulator
