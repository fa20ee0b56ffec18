#include "controller-manager/controllers/disruption/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller-manager/int_or_percent.hpp"
#include "controller-manager/owned_pods.hpp"
#include "libs/api/codec/json_text.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

// A pod that was to be deleted, or is said to be a disruption's target, should be on its way by then.
constexpr Duration kDisruptionTimeout = std::chrono::minutes(2);

// DisruptionAllowed, with its time when its status changes.
json condition_json(const api::PodDisruptionBudget& budget, const char* status, const char* reason,
                    const std::string& message, std::int64_t generation, WallTime now) {
  const auto* current = api::find_condition(budget.status.conditions, "DisruptionAllowed");
  json condition = json::object();
  condition["type"] = "DisruptionAllowed";
  condition["status"] = status;
  condition["reason"] = reason;
  condition["message"] = message;
  condition["observedGeneration"] = generation;
  if (!current || current->status != status) condition["lastTransitionTime"] = api::format_time(now);
  return condition;
}

bool has_condition(const api::PodDisruptionBudget& budget, std::string_view status, std::string_view reason) {
  const auto* current = api::find_condition(budget.status.conditions, "DisruptionAllowed");
  return current && current->status == status && current->reason == reason;
}

std::string status_patch(const api::PodDisruptionBudget& budget, json status) {
  json patch = json::object();
  patch["metadata"]["uid"] = budget.metadata.uid;
  patch["metadata"]["resourceVersion"] = budget.metadata.resourceVersion;
  patch["status"] = std::move(status);
  return api::json_text(patch);
}

}  // namespace

bool needs_scale(const api::PodDisruptionBudgetSpec& spec) {
  return !spec.maxUnavailable.empty() || is_percent(spec.minAvailable);
}

Result<Expectation> plan_expectation(const api::PodDisruptionBudgetSpec& spec, std::int64_t pods, std::int64_t scale) {
  Expectation result;
  if (spec.maxUnavailable.empty() && spec.minAvailable.empty()) return result;
  result.expected = needs_scale(spec) ? scale : pods;
  bool is_maximum = !spec.maxUnavailable.empty();
  const auto& bound = is_maximum ? spec.maxUnavailable : spec.minAvailable;
  auto number = int_or_percent(bound, result.expected, true);
  if (!number) {
    return failure(500, "InternalError", fmt::format("invalid value for IntOrString: invalid value \"{}\"", bound));
  }
  result.desired = is_maximum ? std::max<std::int64_t>(result.expected - *number, 0) : *number;
  return result;
}

Disrupted plan_disrupted(const api::StringMap& disrupted,
                         const std::function<const api::Pod*(const std::string&)>& find_pod, WallTime now) {
  Disrupted result;
  for (const auto& [name, granted] : disrupted) {
    const auto* pod = find_pod(name);
    if (!pod || !pod->metadata.deletionTimestamp.empty()) continue;
    auto left = api::parse_time(granted).value_or(WallTime()) + kDisruptionTimeout - now;
    if (left <= Duration::zero()) {
      result.not_deleted.push_back(name);
      continue;
    }
    result.kept.emplace(name, granted);
    if (is_ready(*pod)) ++result.withheld;
    result.look_again = std::min(result.look_again.value_or(left), left);
  }
  return result;
}

std::optional<std::string> plan_status(const api::PodDisruptionBudget& budget, const BudgetNumbers& numbers,
                                       WallTime now) {
  const auto& old = budget.status;
  auto allowed = numbers.expected <= 0 ? 0 : std::max<std::int64_t>(numbers.healthy - numbers.desired, 0);
  const char* status = allowed > 0 ? "True" : "False";
  const char* reason = allowed > 0 ? "SufficientPods" : "InsufficientPods";
  bool is_same = old.currentHealthy == numbers.healthy && old.desiredHealthy == numbers.desired &&
                 old.expectedPods == numbers.expected && old.disruptionsAllowed == allowed &&
                 old.disruptedPods == numbers.disrupted && old.observedGeneration == budget.metadata.generation;
  if (is_same && has_condition(budget, status, reason)) return std::nullopt;
  json out = json::object();
  out["observedGeneration"] = budget.metadata.generation;
  out["expectedPods"] = numbers.expected;
  out["currentHealthy"] = numbers.healthy;
  out["desiredHealthy"] = numbers.desired;
  out["disruptionsAllowed"] = allowed;
  for (const auto& [name, granted] : old.disruptedPods) {
    if (!numbers.disrupted.contains(name)) out["disruptedPods"][name] = nullptr;
  }
  out["conditions"] = json::array();
  out["conditions"].push_back(condition_json(budget, status, reason, "", budget.metadata.generation, now));
  return status_patch(budget, std::move(out));
}

std::optional<std::string> plan_failed_status(const api::PodDisruptionBudget& budget, const std::string& message,
                                              WallTime now) {
  const auto* current = api::find_condition(budget.status.conditions, "DisruptionAllowed");
  bool is_same = has_condition(budget, "False", "SyncFailed") && current->message == message;
  if (is_same && budget.status.disruptionsAllowed == 0) return std::nullopt;
  json out = json::object();
  out["disruptionsAllowed"] = 0;
  // Required fields of a status that was never written.
  out["currentHealthy"] = budget.status.currentHealthy;
  out["desiredHealthy"] = budget.status.desiredHealthy;
  out["expectedPods"] = budget.status.expectedPods;
  out["conditions"] = json::array();
  out["conditions"].push_back(
      condition_json(budget, "False", "SyncFailed", message, budget.status.observedGeneration, now));
  return status_patch(budget, std::move(out));
}

std::optional<Duration> stale_in(const api::Pod& pod, WallTime now) {
  if (!pod.metadata.deletionTimestamp.empty() || pod.is_terminal()) return std::nullopt;
  const auto* target = api::find_condition(pod.status.conditions, "DisruptionTarget");
  // A kubelet may take as long as it wants from the condition to the end of the pod.
  if (!target || target->status != "True" || target->reason == "TerminationByKubelet") return std::nullopt;
  auto since = api::parse_time(target->lastTransitionTime).value_or(WallTime());
  return std::max(since + kDisruptionTimeout - now, Duration::zero());
}

std::string stale_reset(const api::Pod& pod, WallTime now) {
  json condition = json::object();
  condition["type"] = "DisruptionTarget";
  condition["status"] = "False";
  condition["reason"] = nullptr;
  condition["message"] = nullptr;
  condition["lastTransitionTime"] = api::format_time(now);
  json patch = json::object();
  patch["metadata"]["uid"] = pod.metadata.uid;
  patch["metadata"]["resourceVersion"] = pod.metadata.resourceVersion;
  patch["status"]["conditions"] = json::array();
  patch["status"]["conditions"].push_back(std::move(condition));
  return api::json_text(patch);
}

std::string go_text(const std::optional<api::SelectorSpec>& selector) {
  if (!selector) return "nil";
  std::string labels, expressions;
  for (const auto& [key, value] : selector->matchLabels) labels += fmt::format("{}: {},", key, value);
  for (const auto& one : selector->matchExpressions) {
    expressions += fmt::format("LabelSelectorRequirement{{Key:{},Operator:{},Values:[{}],}},", one.key, one.operator_,
                               fmt::join(one.values, " "));
  }
  return fmt::format(
      "&LabelSelector{{MatchLabels:map[string]string{{{}}},MatchExpressions:[]LabelSelectorRequirement{{{}}},}}",
      labels, expressions);
}

}  // namespace kubeloop::controller_manager
