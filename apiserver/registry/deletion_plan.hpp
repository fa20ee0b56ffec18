// Decides what a DELETE does to an object: nothing, mark it, mark and remove it, or remove it. Pure. Source:
// BeforeDelete and updateForGracefulDeletionAndFinalizers of Kubernetes' registry, the pod strategy's
// CheckGracefulDelete, the namespace registry.
#pragma once
#include "apiserver/registry/body.hpp"
#include "apiserver/strategies/strategy.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::apiserver {

struct DeletionPlan {
  enum class Kind {
    kPending,         // it is going already, and no sooner than before: answer it as it is
    kMark,            // write `object`; somebody else finishes (kubelet, finalizers)
    kMarkThenRemove,  // write `object`, then remove it: watchers see both
    kRemove,
  };
  Kind kind = Kind::kRemove;
  Json object;
  bool is_marked = false;  // `object` has been written
};

// `current` is the stored form.
DeletionPlan plan_deletion(const Json& current, const Strategy& strategy, const DeleteOptions& options, WallTime now);

}  // namespace kubeloop::apiserver
