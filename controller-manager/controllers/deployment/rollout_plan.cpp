#include "controller-manager/controllers/deployment/rollout_plan.hpp"

#include <algorithm>
#include <limits>

#include "controller-manager/controllers/deployment/revisions.hpp"
#include "controller-manager/controllers/deployment/rollout_limits.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::controller_manager {
namespace {

// Not ready replicas of old sets serve nobody: they may go without asking how many are available. Returns how many
// went.
std::int64_t stop_unhealthy(const api::Deployment& deployment, SetStates& sets, std::int64_t most) {
  std::int64_t stopped = 0;
  for (auto& set : sets.old) {
    std::int64_t unhealthy = set.replicas - set.status.availableReplicas;
    std::int64_t count = std::min(most - stopped, unhealthy);
    if (set.replicas == 0 || count <= 0) continue;
    scale_set(set, set.replicas - count, deployment);
    stopped += count;
  }
  return stopped;
}

std::int64_t stop_spare(const api::Deployment& deployment, SetStates& sets, std::int64_t least_available) {
  std::int64_t available = 0;
  for (const auto* set : std::as_const(sets).all()) {
    available += is_planted("rollout-counts-unready-pods") ? set->replicas : set->status.availableReplicas;
  }
  std::int64_t stopped = 0;
  for (auto& set : sets.old) {
    std::int64_t count = std::min(set.replicas, available - least_available - stopped);
    if (count <= 0) continue;
    scale_set(set, set.replicas - count, deployment);
    stopped += count;
  }
  return stopped;
}

}  // namespace

void scale_set(SetState& set, std::int64_t size, const api::Deployment& deployment) {
  if (set.replicas == size) return;
  set.replicas = size;
  mark_size(set, deployment);
}

std::int64_t current_set_size(const api::Deployment& deployment, const SetStates& sets) {
  std::int64_t wanted = wanted_replicas(deployment);
  if (!is_rolling(deployment)) return wanted;
  std::int64_t size = sets.current->replicas;
  std::int64_t room = wanted + rollout_limits(deployment).surge - sets.total();
  if (size > wanted || room <= 0) return std::min(size, wanted);
  return size + std::min(room, wanted - size);
}

bool roll_one_step(const api::Deployment& deployment, SetStates& sets) {
  std::int64_t size = current_set_size(deployment, sets);
  if (size != sets.current->replicas) {
    scale_set(*sets.current, size, deployment);
    return true;
  }
  std::int64_t least_available = wanted_replicas(deployment) - rollout_limits(deployment).unavailable;
  // Pods of the current set that are not available yet must not make room for stopping old ones.
  std::int64_t still_coming = sets.current->replicas - sets.current->status.availableReplicas;
  std::int64_t most = sets.total() - least_available - still_coming;
  if (most <= 0) return false;
  std::int64_t stopped = stop_unhealthy(deployment, sets, most);
  return stopped + stop_spare(deployment, sets, least_available) > 0;
}

bool stop_old_sets(const api::Deployment& deployment, SetStates& sets) {
  bool is_scaled = false;
  for (auto& set : sets.old) {
    is_scaled = is_scaled || set.replicas > 0;
    scale_set(set, 0, deployment);
  }
  return is_scaled;
}

bool are_old_pods_running(const SetStates& sets) {
  return std::ranges::any_of(sets.old,
                             [](const SetState& set) { return set.status.replicas > 0 || set.pods_not_ended > 0; });
}

std::vector<const SetState*> sets_to_remove(const api::Deployment& deployment, const SetStates& sets) {
  auto limit = deployment.spec.revisionHistoryLimit;
  if (!limit || *limit == std::numeric_limits<std::int32_t>::max()) return {};
  std::vector<const SetState*> candidates;
  for (const auto& set : sets.old) {
    if (!set.is_deleting) candidates.push_back(&set);
  }
  std::ranges::sort(candidates, [](const SetState* a, const SetState* b) {
    std::int64_t one = number_in(a->annotations, kRevision).value_or(0);
    std::int64_t other = number_in(b->annotations, kRevision).value_or(0);
    return one != other ? one < other : is_older(*a, *b);
  });
  std::int64_t too_many = static_cast<std::int64_t>(candidates.size()) - *limit;
  candidates.resize(static_cast<std::size_t>(std::max<std::int64_t>(0, too_many)));
  std::erase_if(candidates, [](const SetState* set) {
    return set->status.replicas != 0 || set->replicas != 0 || set->generation > set->status.observedGeneration;
  });
  return candidates;
}

}  // namespace kubeloop::controller_manager
