// A ReplicaSet of a Deployment as the plan sees and moves it. Plain data: the difference between what it was and what
// it is after planning is what has to be written.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/api/views/workload.hpp"

namespace kubeloop::controller_manager {

struct SetState {
  std::string name, uid;
  std::string created;    // creationTimestamp; "" for one that is only planned
  std::string template_;  // canonical_template() of its template
  std::int64_t generation = 0;
  std::int64_t replicas = 0;  // spec.replicas
  std::int64_t min_ready_seconds = 0;
  std::int64_t pods_not_ended = 0;  // of all its pods, terminating ones too
  bool is_deleting = false;
  api::StringMap annotations;
  api::ReplicaSetStatus status;
};

// The sets of one deployment.
struct SetStates {
  std::vector<SetState> old;        // oldest first
  std::optional<SetState> current;  // the one with the deployment's template
  bool is_current_planned = false;  // it has to be created

  // The current one last, as Kubernetes appends it.
  std::vector<SetState*> all() {
    std::vector<SetState*> result;
    for (auto& set : old) result.push_back(&set);
    if (current) result.push_back(&*current);
    return result;
  }
  std::vector<const SetState*> all() const {
    std::vector<const SetState*> result;
    for (const auto& set : old) result.push_back(&set);
    if (current) result.push_back(&*current);
    return result;
  }
  // The sum of spec.replicas.
  std::int64_t total() const {
    std::int64_t sum = 0;
    for (const auto* set : all()) sum += set->replicas;
    return sum;
  }
};

// By creation, then by name.
inline bool is_older(const SetState& a, const SetState& b) {
  // A planned one has no time yet: it is the youngest.
  if (a.created.empty() != b.created.empty()) return !a.created.empty();
  return a.created != b.created ? a.created < b.created : a.name < b.name;
}

// spec.replicas, or its default.
inline std::int64_t wanted_replicas(const api::Deployment& deployment) {
  return deployment.spec.replicas.value_or(1);
}

}  // namespace kubeloop::controller_manager
