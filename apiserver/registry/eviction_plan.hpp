// Decides about one eviction: whether a budget has a say at all, and what granting it does to the budget's status.
// Pure. Source: EvictionREST in k8s.io/kubernetes/pkg/registry/core/pod and UpdateDisruptionAllowedCondition.
#pragma once
#include <vector>

#include "apiserver/storage/object_map.hpp"
#include "apiserver/strategies/strategy.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::apiserver {

// Pods that do nothing for anybody go without asking: ended, not started, or on their way out already.
bool may_ignore_budgets(const Json& pod);
// Of those: a pod that has not started could become ready meanwhile, so it goes only as it was seen.
bool must_be_unchanged(const Json& pod);

// The budgets of the namespace that select the pod: of those listed.
std::vector<StoredObjectPtr> budgets_of(const std::vector<StoredObjectPtr>& in_namespace, const Header& pod);

// A pod that is not ready takes nothing from its budget when the budget says so, or when enough others are healthy; it
// then goes only as it was seen.
bool is_free_of_charge(const Json& pod, const Json& budget);

// Takes one disruption from the budget and notes the pod in it; 429 when none is left or the status is not up to date
// with the spec, 403 when the status makes no sense.
Result<void> take_disruption(Json& budget, const std::string& pod, WallTime now);

// 429: the pod changed while the decision was on its way.
Status budget_is_processed(const std::string& budget);

// Sets the pod's condition DisruptionTarget.
void mark_evicted(Json& pod, WallTime now);

}  // namespace kubeloop::apiserver
