// The status of a disruption budget, and when a pod's DisruptionTarget has become stale. Pure. Source: Kubernetes'
// disruption controller (trySync and what it calls, failSafe, syncStalePodDisruption).
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/api/views/pod.hpp"
#include "libs/api/views/policy.hpp"
#include "libs/base/result.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

// True when the budget is measured against what the pods' controllers want, not against the pods there are.
bool needs_scale(const api::PodDisruptionBudgetSpec& spec);

struct Expectation {
  std::int64_t expected = 0;  // pods
  std::int64_t desired = 0;   // healthy ones
};
// `pods`: how many match; `scale`: what their controllers want in all, when needs_scale. Percentages round up. A Status
// when a number cannot be read.
Result<Expectation> plan_expectation(const api::PodDisruptionBudgetSpec& spec, std::int64_t pods, std::int64_t scale);

// What becomes of the pods whose eviction was granted.
struct Disrupted {
  std::map<std::string, std::string> kept;  // name -> when: not deleted yet
  std::vector<std::string> not_deleted;     // names: two minutes were not enough, they count again
  std::int64_t withheld = 0;                // of `kept` those that look healthy: they do not count
  std::optional<Duration> look_again;       // when the next of `kept` gets old
};
// `find_pod`: the covered pod of that name, or null.
Disrupted plan_disrupted(const api::StringMap& disrupted,
                         const std::function<const api::Pod*(const std::string&)>& find_pod, WallTime now);

struct BudgetNumbers {
  std::int64_t expected = 0, desired = 0, healthy = 0;
  std::map<std::string, std::string> disrupted;
};
// The strategic merge patch of the status; nothing when it says so already. It holds for the budget's revision only, so
// that an eviction that was granted meanwhile is never forgotten.
std::optional<std::string> plan_status(const api::PodDisruptionBudget& budget, const BudgetNumbers& numbers,
                                       WallTime now);
// The same when the numbers cannot be had: nothing may be evicted.
std::optional<std::string> plan_failed_status(const api::PodDisruptionBudget& budget, const std::string& message,
                                              WallTime now);

// How long until the pod's DisruptionTarget is stale (zero: it is); nothing when it never will be.
std::optional<Duration> stale_in(const api::Pod& pod, WallTime now);
// The strategic merge patch of the pod's status that resets it.
std::string stale_reset(const api::Pod& pod, WallTime now);

// The selector as Kubernetes prints it in an event.
std::string go_text(const std::optional<api::SelectorSpec>& selector);

}  // namespace kubeloop::controller_manager
