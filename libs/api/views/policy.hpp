// Typed view of a PodDisruptionBudget.
#pragma once
#include "libs/api/views/selector.hpp"

namespace kubeloop::api {

struct PodDisruptionBudgetSpec {
  std::optional<SelectorSpec> selector;      // absent: matches nothing; empty: everything
  std::string minAvailable, maxUnavailable;  // "1" or "25%"; "" when absent
  std::string unhealthyPodEvictionPolicy;
};
BOOST_DESCRIBE_STRUCT(PodDisruptionBudgetSpec, (), (selector, minAvailable, maxUnavailable, unhealthyPodEvictionPolicy))
struct PodDisruptionBudgetStatus {
  std::int64_t observedGeneration = 0, disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0, expectedPods = 0;
  StringMap disruptedPods;  // pod name -> when its eviction was granted
  std::vector<Condition> conditions;
};
BOOST_DESCRIBE_STRUCT(PodDisruptionBudgetStatus, (),
                      (observedGeneration, disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods,
                       disruptedPods, conditions))
struct PodDisruptionBudget {
  ObjectMeta metadata;
  PodDisruptionBudgetSpec spec;
  PodDisruptionBudgetStatus status;
};
BOOST_DESCRIBE_STRUCT(PodDisruptionBudget, (), (metadata, spec, status))

}  // namespace kubeloop::api
