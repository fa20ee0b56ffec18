// The pod garbage collector: every 20 s it removes pods whose node is gone, that ended long ago, or that no kubelet
// will ever end. Source: Kubernetes' pod garbage collector.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "controller-manager/controller.hpp"
#include "controller-manager/controllers/pod-garbage-collector/plan.hpp"

namespace kubeloop::controller_manager {

class PodGarbageCollector final : public Controller {
 public:
  explicit PodGarbageCollector(ControllerContext context) : context_(std::move(context)) {}

  awaitable<void> run() override;

 private:
  awaitable<void> collect();
  // Of the nodes that have been missing long enough, those that the hub does not know either.
  awaitable<std::set<std::string>> confirm_gone();
  // Failed first, when it had not ended, then deleted at once.
  awaitable<void> remove(std::vector<std::string> keys, PodMap pods, bool is_orphaned, bool is_to_fail);

  ControllerContext context_;
  MissingNodes missing_;
};

}  // namespace kubeloop::controller_manager
