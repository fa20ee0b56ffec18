// Draws faults for a run: which, where, when and for how long, so that a cluster that is right comes through them.
// Pure: the same generator gives the same plan.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "libs/base/rng.hpp"
#include "simulator/faults/fault.hpp"

namespace kubeloop::simulator {

struct FaultPlanOptions {
  // Faults begin and end within this time after the first step.
  Duration span = std::chrono::seconds(120);
  std::vector<std::string> nodes;    // whom they may hit
  std::set<std::string> components;  // likewise, apiserver among them
  std::set<FaultArea> areas;         // empty = all
  int most = 12;                     // at least one
};

// Ordered by time. No node is away so long that its pods are evicted (5 minutes): a pod that nobody replaces would be
// lost, and rightly so.
std::vector<PlannedFault> plan_faults(Rng rng, const FaultPlanOptions& options);

}  // namespace kubeloop::simulator
