// Checker "bound-once": a pod goes to one node and stays there.
#pragma once
#include <unordered_map>

#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class BoundOnce final : public Checker {
 public:
  std::string_view name() const override { return "bound-once"; }
  std::string_view rule() const override { return "a pod (by uid) gets a node once and never another one, nor none"; }
  void check(const Commit& commit) override;

 private:
  struct Bound {
    std::string node;
    apiserver::Revision revision = 0;
  };
  std::unordered_map<std::string, Bound> bound_;  // by uid, while the pod is there
};

}  // namespace kubeloop::simulator
