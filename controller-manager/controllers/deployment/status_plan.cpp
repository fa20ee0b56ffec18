#include "controller-manager/controllers/deployment/status_plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "controller-manager/controllers/deployment/rollout_limits.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr const char* kAvailable = "Available";
constexpr const char* kProgressing = "Progressing";
constexpr const char* kReplicaFailure = "ReplicaFailure";
constexpr const char* kTimedOut = "ProgressDeadlineExceeded";
constexpr const char* kComplete = "NewReplicaSetAvailable";

void remove_condition(std::vector<api::Condition>& conditions, std::string_view type) {
  std::erase_if(conditions, [&](const auto& condition) { return condition.type == type; });
}

std::string reason_of(const std::vector<api::Condition>& conditions, std::string_view type) {
  const auto* condition = api::find_condition(conditions, type);
  return condition ? condition->reason : "";
}

bool has_progressed(const api::DeploymentStatus& before, const api::DeploymentStatus& after) {
  return after.updatedReplicas > before.updatedReplicas ||
         after.replicas - after.updatedReplicas < before.replicas - before.updatedReplicas ||
         after.readyReplicas > before.readyReplicas || after.availableReplicas > before.availableReplicas;
}

Duration deadline_of(const api::Deployment& deployment) {
  return std::chrono::seconds(*deployment.spec.progressDeadlineSeconds);
}

bool is_timed_out(const api::Deployment& deployment, const std::vector<api::Condition>& conditions, WallTime now) {
  const auto* progressing = api::find_condition(conditions, kProgressing);
  if (!progressing || progressing->reason == kComplete) return false;
  if (progressing->reason == kTimedOut) return true;
  auto since = api::parse_time(progressing->lastUpdateTime);
  return since && *since + deadline_of(deployment) < now;
}

// "ReplicaSet "x"" once there is one.
std::string subject(const api::Deployment& deployment, const SetStates& sets) {
  if (sets.current) return fmt::format("ReplicaSet \"{}\"", sets.current->name);
  return fmt::format("Deployment \"{}\"", deployment.metadata.name);
}

void note_progress(const api::Deployment& deployment, const SetStates& sets, api::DeploymentStatus& status,
                   WallTime now) {
  const auto* progressing = api::find_condition(status.conditions, kProgressing);
  bool was_complete = status.replicas == status.updatedReplicas && progressing && progressing->reason == kComplete;
  if (was_complete) return;
  std::string who = subject(deployment, sets);
  if (is_complete(deployment, status)) {
    set_rollout_condition(status.conditions, kProgressing, "True", kComplete, who + " has successfully progressed.",
                          now);
  } else if (has_progressed(deployment.status, status)) {
    // Every step is dated anew, also with the same reason.
    std::string since = progressing && progressing->status == "True" ? progressing->lastTransitionTime : "";
    remove_condition(status.conditions, kProgressing);
    set_rollout_condition(status.conditions, kProgressing, "True", "ReplicaSetUpdated", who + " is progressing.", now);
    if (!since.empty()) status.conditions.back().lastTransitionTime = since;
  } else if (is_timed_out(deployment, status.conditions, now)) {
    set_rollout_condition(status.conditions, kProgressing, "False", kTimedOut, who + " has timed out progressing.",
                          now);
  }
}

// What the current set complains of, else what an old one does.
const api::Condition* replica_failure(const SetStates& sets) {
  const api::Condition* result = nullptr;
  if (sets.current) result = api::find_condition(sets.current->status.conditions, kReplicaFailure);
  for (const auto& set : sets.old) {
    if (!result) result = api::find_condition(set.status.conditions, kReplicaFailure);
  }
  return result;
}

// An entry with that status and reason stays where it is, with its dates.
void put_condition(std::vector<api::Condition>& conditions, api::Condition condition) {
  const auto* old = api::find_condition(conditions, condition.type);
  if (old && old->status == condition.status && old->reason == condition.reason) return;
  if (old && old->status == condition.status) condition.lastTransitionTime = old->lastTransitionTime;
  remove_condition(conditions, condition.type);
  conditions.push_back(std::move(condition));
}

auto parts(const api::Condition& c) {
  return std::tie(c.type, c.status, c.reason, c.message, c.lastUpdateTime, c.lastTransitionTime);
}

}  // namespace

void set_rollout_condition(std::vector<api::Condition>& conditions, const std::string& type, const std::string& status,
                           const std::string& reason, const std::string& message, WallTime now) {
  api::Condition condition;
  condition.type = type;
  condition.status = status;
  condition.reason = reason;
  condition.message = message;
  condition.lastUpdateTime = condition.lastTransitionTime = api::format_time(now);
  put_condition(conditions, std::move(condition));
}

bool has_deadline(const api::Deployment& deployment) {
  auto seconds = deployment.spec.progressDeadlineSeconds;
  return seconds && *seconds != std::numeric_limits<std::int32_t>::max();
}

void note_pause(const api::Deployment& deployment, std::vector<api::Condition>& conditions, WallTime now) {
  std::string reason = reason_of(conditions, kProgressing);
  if (!has_deadline(deployment) || reason == kTimedOut) return;
  if (deployment.spec.paused && reason != "DeploymentPaused") {
    set_rollout_condition(conditions, kProgressing, "Unknown", "DeploymentPaused", "Deployment is paused", now);
  } else if (!deployment.spec.paused && reason == "DeploymentPaused") {
    set_rollout_condition(conditions, kProgressing, "Unknown", "DeploymentResumed", "Deployment is resumed", now);
  }
}

bool is_complete(const api::Deployment& deployment, const api::DeploymentStatus& status) {
  std::int64_t wanted = wanted_replicas(deployment);
  return status.updatedReplicas == wanted && status.replicas == wanted && status.availableReplicas == wanted &&
         status.observedGeneration >= deployment.metadata.generation;
}

api::DeploymentStatus plan_status(const api::Deployment& deployment, const SetStates& sets,
                                  std::vector<api::Condition> conditions, WallTime now) {
  api::DeploymentStatus status;
  status.observedGeneration = deployment.metadata.generation;
  status.collisionCount = deployment.status.collisionCount;
  status.terminatingReplicas = 0;
  for (const auto* set : sets.all()) {
    status.replicas += set->status.replicas;
    status.readyReplicas += set->status.readyReplicas;
    status.availableReplicas += set->status.availableReplicas;
    // Unknown of one is unknown of all. A set that is only planned has none.
    if (!set->status.terminatingReplicas && !set->created.empty()) status.terminatingReplicas.reset();
    if (status.terminatingReplicas) *status.terminatingReplicas += set->status.terminatingReplicas.value_or(0);
  }
  if (sets.current) status.updatedReplicas = sets.current->status.replicas;
  status.unavailableReplicas = std::max<std::int64_t>(0, sets.total() - status.availableReplicas);
  status.conditions = std::move(conditions);
  if (status.availableReplicas >= wanted_replicas(deployment) - rollout_limits(deployment).unavailable) {
    set_rollout_condition(status.conditions, kAvailable, "True", "MinimumReplicasAvailable",
                          "Deployment has minimum availability.", now);
  } else {
    set_rollout_condition(status.conditions, kAvailable, "False", "MinimumReplicasUnavailable",
                          "Deployment does not have minimum availability.", now);
  }
  return status;
}

api::DeploymentStatus plan_rollout_status(const api::Deployment& deployment, const SetStates& sets,
                                          std::vector<api::Condition> conditions, WallTime now) {
  auto status = plan_status(deployment, sets, std::move(conditions), now);
  if (has_deadline(deployment)) {
    note_progress(deployment, sets, status, now);
  } else {
    remove_condition(status.conditions, kProgressing);
  }
  if (const auto* trouble = replica_failure(sets)) {
    api::Condition condition = *trouble;
    condition.lastUpdateTime = condition.lastTransitionTime;
    put_condition(status.conditions, std::move(condition));
  } else {
    remove_condition(status.conditions, kReplicaFailure);
  }
  return status;
}

std::optional<Duration> next_progress_check(const api::Deployment& deployment, const api::DeploymentStatus& status,
                                            WallTime now) {
  const auto* progressing = api::find_condition(status.conditions, kProgressing);
  if (!has_deadline(deployment) || !progressing) return std::nullopt;
  if (is_complete(deployment, status) || progressing->reason == kTimedOut) return std::nullopt;
  auto since = api::parse_time(progressing->lastUpdateTime);
  if (!since) return std::nullopt;
  // A second later, because the date has whole seconds.
  return std::max(Duration::zero(), *since + deadline_of(deployment) - now) + std::chrono::seconds(1);
}

bool is_same(const api::DeploymentStatus& a, const api::DeploymentStatus& b) {
  auto numbers = [](const api::DeploymentStatus& s) {
    return std::tie(s.observedGeneration, s.replicas, s.updatedReplicas, s.readyReplicas, s.availableReplicas,
                    s.unavailableReplicas, s.terminatingReplicas, s.collisionCount);
  };
  return numbers(a) == numbers(b) && std::ranges::equal(a.conditions, b.conditions, [](const auto& x, const auto& y) {
           return parts(x) == parts(y);
         });
}

}  // namespace kubeloop::controller_manager
