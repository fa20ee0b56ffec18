#include "apiserver/registry/eviction_plan.hpp"

#include <fmt/core.h>

#include "apiserver/registry/metadata.hpp"
#include "apiserver/strategies/conditions.hpp"
#include "libs/api/codec/view.hpp"
#include "libs/api/status.hpp"
#include "libs/api/time.hpp"
#include "libs/api/views/policy.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr const char* kViolation = "Cannot evict pod as it would violate the pod's disruption budget.";
// More evictions that the controller has not seen yet than this, and no further one is granted.
constexpr std::size_t kMaxDisruptedPods = 2000;

std::string phase_of(const Json& pod) {
  return text_at(member(pod, "status"), "phase");
}

std::string name_of(const Json& object) {
  return text_at(member(object, "metadata"), "name");
}

Status violation(int retry_after_seconds, std::string detail) {
  auto status = api::too_many_requests(kViolation, retry_after_seconds);
  StatusCause cause;
  cause.reason = "DisruptionBudget";
  cause.message = std::move(detail);
  status.causes.push_back(std::move(cause));
  return status;
}

// Why nothing is allowed. A failed sync comes first, because the counts then mean nothing.
std::string why_forbidden(const Json& budget) {
  const auto& status = member(budget, "status");
  const auto& condition = find_condition(status, "DisruptionAllowed");
  auto name = name_of(budget);
  auto reason = text_at(condition, "reason");
  auto message = text_at(condition, "message");
  bool is_explained = text_at(condition, "status") == "False" && !message.empty();
  auto healthy = number_at(status, "currentHealthy");
  auto wanted = number_at(status, "desiredHealthy");
  auto refusal = "The disruption budget " + name + " does not allow evicting pods currently";
  if (is_explained && reason == "SyncFailed") return refusal + " because it failed sync: " + message;
  if (healthy <= wanted) {
    return fmt::format("The disruption budget {} needs {} healthy pods and has {} currently", name, wanted, healthy);
  }
  if (is_explained) return refusal + " (" + reason + "): " + message;
  return refusal;
}

// The condition follows the count.
void forbid_further(Json& status, WallTime now) {
  Json condition = Json::object();
  condition["type"] = "DisruptionAllowed";
  condition["status"] = "False";
  condition["reason"] = "InsufficientPods";
  condition["message"] = "";
  condition["lastTransitionTime"] = api::format_time(now);
  if (auto observed = number_at(status, "observedGeneration"); observed != 0) {
    condition["observedGeneration"] = observed;
  }
  set_condition(status, std::move(condition));
}

}  // namespace

bool may_ignore_budgets(const Json& pod) {
  if (is_planted("eviction-ignores-budgets")) return true;
  auto phase = phase_of(pod);
  return phase == "Succeeded" || phase == "Failed" || phase == "Pending" || !deletion_timestamp(pod).empty();
}

bool must_be_unchanged(const Json& pod) {
  auto phase = phase_of(pod);
  return phase != "Succeeded" && phase != "Failed" && deletion_timestamp(pod).empty();
}

std::vector<StoredObjectPtr> budgets_of(const std::vector<StoredObjectPtr>& in_namespace, const Header& pod) {
  std::vector<StoredObjectPtr> out;
  for (const auto& stored : in_namespace) {
    auto budget = api::decode_view<api::PodDisruptionBudget>(*stored->value);
    if (!budget || !budget->spec.selector) continue;
    auto selector = api::to_label_selector(*budget->spec.selector);
    if (selector && selector->matches(pod.labels)) out.push_back(stored);
  }
  return out;
}

bool is_free_of_charge(const Json& pod, const Json& budget) {
  if (has_true_condition(pod, "Ready")) return false;
  if (text_at(member(budget, "spec"), "unhealthyPodEvictionPolicy") == "AlwaysAllow") return true;
  const auto& status = member(budget, "status");
  auto wanted = number_at(status, "desiredHealthy");
  return wanted > 0 && number_at(status, "currentHealthy") >= wanted;
}

Status budget_is_processed(const std::string& budget) {
  constexpr int kRetryAfterSeconds = 10;
  return violation(kRetryAfterSeconds, "The disruption budget " + budget + " is still being processed by the server.");
}

Result<void> take_disruption(Json& budget, const std::string& pod, WallTime now) {
  auto name = name_of(budget);
  auto refuse = [&](const char* why) { return failure(api::forbidden("poddisruptionbudget.policy", name, why)); };
  auto& status = budget["status"];
  if (!status.is_object()) status = Json::object();
  if (number_at(status, "observedGeneration") < number_at(member(budget, "metadata"), "generation")) {
    return failure(budget_is_processed(name));
  }
  auto allowed = number_at(status, "disruptionsAllowed");
  if (allowed < 0) return refuse("pdb disruptions allowed is negative");
  if (member(status, "disruptedPods").size() > kMaxDisruptedPods) {
    return refuse("DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (allowed == 0) return failure(violation(0, why_forbidden(budget)));
  status["disruptionsAllowed"] = allowed - 1;
  if (allowed == 1) forbid_further(status, now);
  auto& disrupted = status["disruptedPods"];
  if (!disrupted.is_object()) disrupted = Json::object();
  disrupted[pod] = api::format_time(now);
  return {};
}

void mark_evicted(Json& pod, WallTime now) {
  Json condition = Json::object();
  condition["type"] = "DisruptionTarget";
  condition["status"] = "True";
  condition["reason"] = "EvictionByEvictionAPI";
  condition["message"] = "Eviction API: evicting";
  condition["lastProbeTime"] = nullptr;
  condition["lastTransitionTime"] = api::format_time(now);
  if (auto generation = number_at(member(pod, "metadata"), "generation"); generation != 0) {
    condition["observedGeneration"] = generation;
  }
  set_condition(pod["status"], std::move(condition));
}

}  // namespace kubeloop::apiserver
