#include "controller-manager/controllers/deployment/scale_plan.hpp"

#include <algorithm>
#include <cmath>

#include "controller-manager/controllers/deployment/revisions.hpp"
#include "controller-manager/controllers/deployment/rollout_limits.hpp"
#include "controller-manager/controllers/deployment/rollout_plan.hpp"

namespace kubeloop::controller_manager {
namespace {

std::vector<SetState*> sets_with_replicas(SetStates& sets) {
  auto result = sets.all();
  std::erase_if(result, [](const SetState* set) { return set->replicas == 0; });
  return result;
}

// How many replicas the set should gain (or lose) to keep its share, of `left` that may still be given.
std::int64_t share_of(const SetState& set, const api::Deployment& deployment, std::int64_t left) {
  std::int64_t wanted = wanted_replicas(deployment);
  if (set.replicas == 0 || left == 0) return 0;
  std::int64_t share = -set.replicas;
  if (wanted > 0) {
    std::int64_t before = number_in(set.annotations, kMaxReplicas).value_or(0);
    if (before <= 0) before = deployment.status.replicas;
    if (before <= 0) return 0;
    std::int64_t after = wanted + rollout_limits(deployment).surge;
    share = std::llround(static_cast<double>(set.replicas * after) / static_cast<double>(before)) - set.replicas;
  }
  return left > 0 ? std::min(share, left) : std::max(share, left);
}

void scale_in_proportion(const api::Deployment& deployment, std::vector<SetState*> sets) {
  std::int64_t wanted = wanted_replicas(deployment);
  std::int64_t total = 0;
  for (const auto* set : sets) total += set->replicas;
  std::int64_t allowed = wanted > 0 ? wanted + rollout_limits(deployment).surge : 0;
  std::int64_t to_add = allowed - total;
  // Among equals the newer ones grow first, the older ones shrink first.
  std::ranges::sort(sets, [&](const SetState* a, const SetState* b) {
    if (a->replicas != b->replicas) return a->replicas > b->replicas;
    return to_add > 0 ? is_older(*b, *a) : is_older(*a, *b);
  });
  std::vector<std::int64_t> sizes;
  std::int64_t added = 0;
  for (const auto* set : sets) {
    std::int64_t share = share_of(*set, deployment, to_add - added);
    sizes.push_back(set->replicas + share);
    added += share;
  }
  sizes.front() = std::max<std::int64_t>(0, sizes.front() + to_add - added);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    sets[i]->replicas = sizes[i];
    mark_size(*sets[i], deployment);
  }
}

}  // namespace

bool is_scaling_event(const api::Deployment& deployment, const SetStates& sets) {
  return std::ranges::any_of(sets.all(), [&](const SetState* set) {
    auto desired = number_in(set->annotations, kDesiredReplicas);
    return set->replicas > 0 && desired && *desired != wanted_replicas(deployment);
  });
}

void scale_sets(const api::Deployment& deployment, SetStates& sets) {
  std::int64_t wanted = wanted_replicas(deployment);
  auto active = sets_with_replicas(sets);
  if (active.size() <= 1) {
    SetState* only = active.empty() ? nullptr : active.front();
    if (!only && sets.current) only = &*sets.current;
    if (!only && !sets.old.empty()) only = &sets.old.back();
    if (!only) return;
    only->replicas = wanted;
    mark_size(*only, deployment);
    return;
  }
  bool is_saturated = sets.current && sets.current->replicas == wanted &&
                      number_in(sets.current->annotations, kDesiredReplicas) == wanted;
  if (is_saturated) {
    stop_old_sets(deployment, sets);
  } else if (is_rolling(deployment)) {
    scale_in_proportion(deployment, std::move(active));
  }
}

}  // namespace kubeloop::controller_manager
