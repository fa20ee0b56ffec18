#include "simulator/observe/rest_workloads.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "simulator/observe/rest_state.hpp"

namespace kubeloop::simulator {
namespace {

struct Counts {
  std::int64_t active = 0, ready = 0, terminating = 0;
};

Counts count_pods(const RestState& state, const std::string& owner_uid) {
  Counts out;
  auto it = state.pods_of.find(owner_uid);
  if (it == state.pods_of.end()) return out;
  for (const auto* pod : it->second) {
    if (is_active(*pod)) {
      ++out.active;
      if (is_ready(*pod)) ++out.ready;
    } else if (!pod->is_terminal()) {
      ++out.terminating;
    }
  }
  return out;
}

std::string title(std::string_view resource, const api::ObjectMeta& metadata) {
  return fmt::format("{}/{}/{}", resource, metadata.namespace_, metadata.name);
}

bool has_ended(const api::Job& job) {
  return std::ranges::any_of(job.status.conditions, [](const api::Condition& condition) {
    return (condition.type == "Complete" || condition.type == "Failed") && condition.status == "True";
  });
}

}  // namespace

void RestWorkloads::compare(const RestState& state, const std::string& object, std::string_view what, std::int64_t told,
                            std::int64_t found) {
  if (told == found) return;
  violate(fmt::format("{} says {} is {}, it is {}", object, what, told, found), 0, state.at);
}

void RestWorkloads::check_rest(const RestState& state) {
  for (const auto& set : state.replica_sets) check_replica_set(state, set);
  for (const auto& deployment : state.deployments) check_deployment(state, deployment);
  for (const auto& job : state.jobs) check_job(state, job);
}

void RestWorkloads::check_replica_set(const RestState& state, const api::ReplicaSet& set) {
  if (!set.metadata.deletionTimestamp.empty()) return;
  auto object = title("replicasets.apps", set.metadata);
  auto counts = count_pods(state, set.metadata.uid);
  compare(state, object, "observedGeneration", set.status.observedGeneration, set.metadata.generation);
  compare(state, object, "replicas", set.status.replicas, counts.active);
  compare(state, object, "readyReplicas", set.status.readyReplicas, counts.ready);
  if (set.spec.minReadySeconds == 0) {
    compare(state, object, "availableReplicas", set.status.availableReplicas, counts.ready);
  }
}

// Its counts are the sums of its ReplicaSets' (source: deployment/sync.go, calculateStatus).
void RestWorkloads::check_deployment(const RestState& state, const api::Deployment& deployment) {
  if (!deployment.metadata.deletionTimestamp.empty()) return;
  auto object = title("deployments.apps", deployment.metadata);
  std::int64_t replicas = 0, ready = 0, available = 0;
  for (const auto& set : state.replica_sets) {
    const auto* owner = api::controller_of(set.metadata);
    if (!owner || owner->uid != deployment.metadata.uid) continue;
    replicas += set.status.replicas;
    ready += set.status.readyReplicas;
    available += set.status.availableReplicas;
  }
  const auto& status = deployment.status;
  compare(state, object, "observedGeneration", status.observedGeneration, deployment.metadata.generation);
  compare(state, object, "replicas", status.replicas, replicas);
  compare(state, object, "readyReplicas", status.readyReplicas, ready);
  compare(state, object, "availableReplicas", status.availableReplicas, available);
}

void RestWorkloads::check_job(const RestState& state, const api::Job& job) {
  bool is_ours = job.spec.managedBy.empty() || job.spec.managedBy == "kubernetes.io/job-controller";
  if (!is_ours || !job.metadata.deletionTimestamp.empty()) return;
  auto object = title("jobs.batch", job.metadata);
  auto counts = count_pods(state, job.metadata.uid);
  bool is_over = has_ended(job);
  compare(state, object, "active", job.status.active, is_over ? 0 : counts.active);
  if (!is_over && job.status.ready) compare(state, object, "ready", *job.status.ready, counts.ready);
  const auto& uncounted = job.status.uncountedTerminatedPods;
  auto left = static_cast<std::int64_t>(uncounted.succeeded.size() + uncounted.failed.size());
  compare(state, object, "the number of its uncounted pods", left, 0);
}

}  // namespace kubeloop::simulator
