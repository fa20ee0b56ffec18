#include "controller-manager/controllers/deployment/plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "controller-manager/controllers/deployment/revisions.hpp"
#include "controller-manager/controllers/deployment/rollout_limits.hpp"
#include "controller-manager/controllers/deployment/rollout_plan.hpp"
#include "controller-manager/controllers/deployment/scale_plan.hpp"
#include "controller-manager/controllers/deployment/status_plan.hpp"
#include "controller-manager/controllers/deployment/template_hash.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr std::size_t kLongestName = 253;

SetStates sort_out(const std::string& template_, std::vector<SetState> sets) {
  std::ranges::sort(sets, is_older);
  SetStates result;
  for (auto& set : sets) {
    if (!result.current && set.template_ == template_) {
      result.current = std::move(set);
    } else {
      result.old.push_back(std::move(set));
    }
  }
  return result;
}

std::vector<SetChange> changes_between(const std::map<std::string, SetState>& before, const SetStates& after) {
  std::vector<SetChange> changes;
  auto all = after.all();
  std::ranges::rotate(all, all.end() - (after.current ? 1 : 0));  // the current one first
  for (const auto* set : all) {
    auto it = before.find(set->name);
    if (it == before.end()) continue;
    const SetState& old = it->second;
    SetChange change;
    change.name = set->name;
    change.uid = set->uid;
    change.old_replicas = old.replicas;
    if (set->replicas != old.replicas) change.replicas = set->replicas;
    if (set->min_ready_seconds != old.min_ready_seconds) change.min_ready_seconds = set->min_ready_seconds;
    for (const auto& [key, value] : set->annotations) {
      auto known = old.annotations.find(key);
      if (known == old.annotations.end() || known->second != value) change.annotations[key] = value;
    }
    if (change.replicas || change.min_ready_seconds || !change.annotations.empty()) {
      changes.push_back(std::move(change));
    }
  }
  return changes;
}

class Planner {
 public:
  Planner(const api::Deployment& deployment, const std::string& template_, std::vector<SetState> sets, WallTime now)
      : deployment_(deployment), template_(template_), conditions_(deployment.status.conditions), now_(now) {
    for (const auto& set : sets) before_.emplace(set.name, set);
    sets_ = sort_out(template_, std::move(sets));
  }

  DeploymentPlan plan() {
    if (!deployment_.metadata.deletionTimestamp.empty()) return finish(false);
    note_pause(deployment_, conditions_, now_);
    if (sets_.current) mark_found();
    if (deployment_.spec.paused || is_scaling_event(deployment_, sets_)) {
      scale_sets(deployment_, sets_);
      if (deployment_.spec.paused) clean_up();
      // Sets that keep their sizes although the deployment's has changed: the rollout decides about them.
      if (deployment_.spec.paused || !changes_between(before_, sets_).empty()) return finish(false);
    }
    bool is_moving = is_rolling(deployment_) ? roll() : recreate();
    if (!is_moving && is_complete(deployment_, deployment_.status)) clean_up();
    return finish(true);
  }

 private:
  void mark_found() {
    mark_current(*sets_.current, deployment_, highest_revision(sets_.old) + 1);
    sets_.current->min_ready_seconds = deployment_.spec.minReadySeconds;
    if (!has_deadline(deployment_) || api::find_condition(conditions_, "Progressing")) return;
    set_rollout_condition(conditions_, "Progressing", "True", "FoundNewReplicaSet",
                          fmt::format("Found new replica set \"{}\"", sets_.current->name), now_);
  }

  void create_current() {
    plan_.hash = template_hash(template_, deployment_.status.collisionCount);
    SetState set;
    set.name = deployment_.metadata.name.substr(0, kLongestName - 1 - plan_.hash.size()) + "-" + plan_.hash;
    set.template_ = template_;
    set.min_ready_seconds = deployment_.spec.minReadySeconds;
    mark_current(set, deployment_, highest_revision(sets_.old) + 1);
    mark_size(set, deployment_);
    sets_.current = std::move(set);
    sets_.current->replicas = current_set_size(deployment_, sets_);
    plan_.creation = sets_.current;
    if (!has_deadline(deployment_)) return;
    set_rollout_condition(conditions_, "Progressing", "True", "NewReplicaSetCreated",
                          fmt::format("Created new replica set \"{}\"", sets_.current->name), now_);
  }

  bool roll() {
    if (!sets_.current) create_current();
    return roll_one_step(deployment_, sets_);
  }

  bool recreate() {
    if (stop_old_sets(deployment_, sets_) || are_old_pods_running(sets_)) return true;
    if (!sets_.current) create_current();
    scale_set(*sets_.current, wanted_replicas(deployment_), deployment_);
    return false;
  }

  void clean_up() {
    for (const auto* set : sets_to_remove(deployment_, sets_)) plan_.removals.push_back(*set);
  }

  DeploymentPlan finish(bool is_rollout) {
    plan_.changes = changes_between(before_, sets_);
    if (sets_.current) {
      auto it = sets_.current->annotations.find(kRevision);
      if (it != sets_.current->annotations.end()) plan_.revision = it->second;
    }
    auto make_status = is_rollout ? &plan_rollout_status : &plan_status;
    plan_.status = make_status(deployment_, sets_, conditions_, now_);
    if (is_rollout) plan_.requeue_after = next_progress_check(deployment_, plan_.status, now_);
    return std::move(plan_);
  }

  const api::Deployment& deployment_;
  const std::string& template_;
  std::vector<api::Condition> conditions_;  // to go on from
  WallTime now_;
  std::map<std::string, SetState> before_;
  SetStates sets_;
  DeploymentPlan plan_;
};

}  // namespace

DeploymentPlan plan_deployment(const api::Deployment& deployment, const std::string& template_,
                               std::vector<SetState> sets, WallTime now) {
  return Planner(deployment, template_, std::move(sets), now).plan();
}

}  // namespace kubeloop::controller_manager
