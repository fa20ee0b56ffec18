// The pods of each controller (by its uid) with their numbers, and those without one by namespace. Kept up to date by
// the pod informer, before any other pod handler is called: a question costs nothing, however many pods there are.
#pragma once
#include <cstdint>

#include "controller-manager/owned_index.hpp"
#include "libs/api/views/pod.hpp"

namespace kubeloop::controller_manager {

// Whether the pod counts for its controller: not ended, not being deleted. Source: IsPodActive in Kubernetes'
// controller_utils.
bool is_active(const api::Pod& pod);
// Being deleted and not ended yet. Source: IsPodTerminating in Kubernetes' controller_utils.
bool is_terminating(const api::Pod& pod);
// Its condition Ready is True.
bool is_ready(const api::Pod& pod);

struct PodCounts {
  std::int64_t all = 0;
  std::int64_t active = 0;
  std::int64_t ready = 0;  // of the active ones
  std::int64_t terminating = 0;
  std::int64_t succeeded = 0, failed = 0;  // by phase

  // Those of them that have not ended, terminating ones too.
  std::int64_t not_ended() const { return all - succeeded - failed; }
};

class OwnedPods {
 public:
  using Ptr = OwnedIndex<api::Pod>::Ptr;
  using Pods = OwnedIndex<api::Pod>::Objects;

  void fold(const Ptr& before, const Ptr& after);

  // By "namespace/name". The reference holds until the next await: copy what is needed longer.
  const Pods& of(const std::string& controller_uid) const { return index_.of(controller_uid); }
  const Pods& orphans(const std::string& namespace_) const { return index_.orphans(namespace_); }
  PodCounts counts(const std::string& controller_uid) const;

 private:
  void count(const api::Pod& pod, int sign);

  OwnedIndex<api::Pod> index_;
  std::map<std::string, PodCounts> counts_;
};

}  // namespace kubeloop::controller_manager
