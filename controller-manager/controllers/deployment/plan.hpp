// What a Deployment should do now: which ReplicaSet to create, which to scale or mark, which to remove, what its status
// says. One step; the next one follows when the sets have moved. Pure. Source: syncDeployment and what it calls in
// Kubernetes' deployment controller.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "controller-manager/controllers/deployment/set_state.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

// What is to be written of one set.
struct SetChange {
  std::string name, uid;
  std::int64_t old_replicas = 0;
  std::optional<std::int64_t> replicas;
  std::optional<std::int64_t> min_ready_seconds;
  api::StringMap annotations;  // those that are new or differ
};

struct DeploymentPlan {
  std::optional<SetState> creation;
  std::string hash;  // of the set to create
  std::vector<SetChange> changes;
  std::vector<SetState> removals;
  std::string revision;  // the deployment's annotation; "" = leave it
  api::DeploymentStatus status;
  std::optional<Duration> requeue_after;
};

// `template_` is the deployment's canonical template; `sets` are those that it controls. Everything is to be written in
// the order of the plan's members; when one write fails, the rest is left for the next turn.
DeploymentPlan plan_deployment(const api::Deployment& deployment, const std::string& template_,
                               std::vector<SetState> sets, WallTime now);

}  // namespace kubeloop::controller_manager
