// Typed views of what makes pods from a template: ReplicaSet, Deployment, Job. The template itself stays JSON text: it
// is copied into pods, not read.
#pragma once
#include "libs/api/codec/view.hpp"
#include "libs/api/views/selector.hpp"

namespace kubeloop::api {

struct ReplicaSetSpec {
  std::optional<std::int64_t> replicas;
  std::int64_t minReadySeconds = 0;
  SelectorSpec selector;
  RawJson template_;
};
BOOST_DESCRIBE_STRUCT(ReplicaSetSpec, (), (replicas, minReadySeconds, selector, template_))
struct ReplicaSetStatus {
  std::int64_t replicas = 0, fullyLabeledReplicas = 0, readyReplicas = 0, availableReplicas = 0, observedGeneration = 0;
  std::optional<std::int64_t> terminatingReplicas;
  std::vector<Condition> conditions;
};
BOOST_DESCRIBE_STRUCT(ReplicaSetStatus, (),
                      (replicas, fullyLabeledReplicas, readyReplicas, availableReplicas, observedGeneration,
                       terminatingReplicas, conditions))
struct ReplicaSet {
  ObjectMeta metadata;
  ReplicaSetSpec spec;
  ReplicaSetStatus status;
};
BOOST_DESCRIBE_STRUCT(ReplicaSet, (), (metadata, spec, status))

struct RollingUpdateDeployment {
  std::string maxUnavailable, maxSurge;  // "1" or "25%"; "" when absent
};
BOOST_DESCRIBE_STRUCT(RollingUpdateDeployment, (), (maxUnavailable, maxSurge))
struct DeploymentStrategy {
  std::string type;
  std::optional<RollingUpdateDeployment> rollingUpdate;
};
BOOST_DESCRIBE_STRUCT(DeploymentStrategy, (), (type, rollingUpdate))
struct DeploymentSpec {
  std::optional<std::int64_t> replicas, revisionHistoryLimit, progressDeadlineSeconds;
  std::int64_t minReadySeconds = 0;
  bool paused = false;
  SelectorSpec selector;
  RawJson template_;
  DeploymentStrategy strategy;
};
BOOST_DESCRIBE_STRUCT(DeploymentSpec, (),
                      (replicas, revisionHistoryLimit, progressDeadlineSeconds, minReadySeconds, paused, selector,
                       template_, strategy))
struct DeploymentStatus {
  std::int64_t observedGeneration = 0, replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0,
               unavailableReplicas = 0;
  std::optional<std::int64_t> terminatingReplicas, collisionCount;
  std::vector<Condition> conditions;
};
BOOST_DESCRIBE_STRUCT(DeploymentStatus, (),
                      (observedGeneration, replicas, updatedReplicas, readyReplicas, availableReplicas,
                       unavailableReplicas, terminatingReplicas, collisionCount, conditions))
struct Deployment {
  ObjectMeta metadata;
  DeploymentSpec spec;
  DeploymentStatus status;
};
BOOST_DESCRIBE_STRUCT(Deployment, (), (metadata, spec, status))

struct JobSpec {
  std::optional<std::int64_t> parallelism, completions, activeDeadlineSeconds, backoffLimit, ttlSecondsAfterFinished,
      backoffLimitPerIndex, maxFailedIndexes;
  std::optional<SelectorSpec> selector;
  std::optional<bool> suspend;
  std::string completionMode, podReplacementPolicy, managedBy;
  RawJson template_, podFailurePolicy, successPolicy;
};
BOOST_DESCRIBE_STRUCT(JobSpec, (),
                      (parallelism, completions, activeDeadlineSeconds, backoffLimit, ttlSecondsAfterFinished,
                       backoffLimitPerIndex, maxFailedIndexes, selector, suspend, completionMode, podReplacementPolicy,
                       managedBy, template_, podFailurePolicy, successPolicy))
struct UncountedTerminatedPods {
  std::vector<std::string> succeeded, failed;  // uids
};
BOOST_DESCRIBE_STRUCT(UncountedTerminatedPods, (), (succeeded, failed))
struct JobStatus {
  std::vector<Condition> conditions;
  std::string startTime, completionTime, completedIndexes, failedIndexes;
  std::int64_t active = 0, succeeded = 0, failed = 0;
  std::optional<std::int64_t> ready, terminating;
  UncountedTerminatedPods uncountedTerminatedPods;
};
BOOST_DESCRIBE_STRUCT(JobStatus, (),
                      (conditions, startTime, completionTime, completedIndexes, failedIndexes, active, succeeded,
                       failed, ready, terminating, uncountedTerminatedPods))
struct Job {
  ObjectMeta metadata;
  JobSpec spec;
  JobStatus status;
};
BOOST_DESCRIBE_STRUCT(Job, (), (metadata, spec, status))

}  // namespace kubeloop::api
