#include "controller-manager/controllers/deployment/reconciler.hpp"

#include <fmt/core.h>

#include "controller-manager/controller_refs.hpp"
#include "controller-manager/controllers/deployment/bodies.hpp"
#include "controller-manager/controllers/deployment/revisions.hpp"
#include "controller-manager/controllers/deployment/status_plan.hpp"
#include "controller-manager/controllers/deployment/template_hash.hpp"
#include "controller-manager/in_namespace.hpp"
#include "controller-manager/namespace_state.hpp"
#include "controller-manager/object_removal.hpp"
#include "controller-manager/references.hpp"

namespace kubeloop::controller_manager {
namespace {

api::ObjectReference about(const api::Deployment& deployment) {
  return reference_to(api::kDeployments, deployment.metadata);
}

bool matches(const api::SelectorSpec& spec, const api::StringMap& labels) {
  if (spec.is_empty()) return false;
  auto selector = api::to_label_selector(spec);
  return selector && selector->matches(labels);
}

}  // namespace

Deployments::Deployments(ControllerContext context)
    : context_(std::move(context)),
      events_(context_.env.child("events"), context_.tasks, context_.client, "deployment-controller", ""),
      queue_(context_.env.child("queue")) {
  context_.informers.deployments.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
    fold_deployment(before, after, revision);
  });
  context_.informers.replica_sets.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_set(before, after, revision); });
  context_.informers.pods.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_pod(before, after, revision); });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> Deployments::queues() const {
  return {{"deployment", &queue_}};
}

awaitable<void> Deployments::run() {
  co_await context_.informers.deployments.wait_until_synced();
  co_await context_.informers.replica_sets.wait_until_synced();
  co_await context_.informers.pods.wait_until_synced();
  for (int i = 1; i < context_.options.concurrent_deployment_syncs; ++i) {
    context_.tasks.spawn("deployment worker", client::run_reconciler(context_.env, queue_, *this));
  }
  co_await client::run_reconciler(context_.env, queue_, *this);
}

void Deployments::fold_deployment(const Ptr& before, const Ptr& after, client::Cause cause) {
  if (!after) {
    const auto& uid = before->metadata.uid;
    templates_.erase(uid);
    set_writes_.forget(uid);
    status_writes_.forget(uid);
  }
  queue_.add(client::key_of(after ? *after : *before), cause);
}

void Deployments::fold_set(const SetPtr& before, const SetPtr& after, client::Cause cause) {
  if (!after) templates_.erase(before->metadata.uid);
  if (before) enqueue_owner(before->metadata, cause);
  if (!after) return;
  enqueue_owner(after->metadata, cause);
  if (api::controller_of(after->metadata)) return;
  bool was_such_orphan =
      before && !api::controller_of(before->metadata) && before->metadata.labels == after->metadata.labels;
  if (was_such_orphan) return;
  const auto& deployments = context_.informers.deployments.objects();
  for (const auto& [key, deployment] : in_namespace(deployments, after->metadata.namespace_)) {
    if (matches(deployment->spec.selector, after->metadata.labels)) queue_.add(key, cause);
  }
}

void Deployments::enqueue_owner(const api::ObjectMeta& set, client::Cause cause) {
  const auto* owner = controller_of_kind(set, api::kDeployments);
  if (!owner) return;
  std::string key = set.namespace_ + "/" + owner->name;
  auto deployment = context_.informers.deployments.find(key);
  if (deployment && deployment->metadata.uid == owner->uid) queue_.add(key, cause);
}

// Recreate waits for the end of the last old pod; the sets do not tell of it.
void Deployments::fold_pod(const OwnedPods::Ptr& before, const OwnedPods::Ptr& after, client::Cause cause) {
  if (!before || (after && !after->is_terminal())) return;
  const auto* owner = controller_of_kind(before->metadata, api::kReplicaSets);
  if (!owner || context_.informers.owned_pods.counts(owner->uid).not_ended() > 0) return;
  auto set = context_.informers.replica_sets.find(before->metadata.namespace_ + "/" + owner->name);
  if (!set || set->metadata.uid != owner->uid) return;
  const auto* controller = controller_of_kind(set->metadata, api::kDeployments);
  if (!controller) return;
  auto deployment = context_.informers.deployments.find(set->metadata.namespace_ + "/" + controller->name);
  if (!deployment || deployment->spec.strategy.type != "Recreate") return;
  enqueue_owner(set->metadata, cause);
}

const std::string& Deployments::canonical(const std::string& uid, const std::string& template_text) {
  auto& known = templates_[uid];
  if (known.canonical.empty() || known.text != template_text) {
    known.text = template_text;
    known.canonical = canonical_template(template_text);
  }
  return known.canonical;
}

std::vector<SetState> Deployments::states_of(const api::Deployment& deployment) {
  std::vector<SetState> result;
  for (const auto& [key, set] : context_.informers.owned_replica_sets.of(deployment.metadata.uid)) {
    SetState state;
    state.name = set->metadata.name;
    state.uid = set->metadata.uid;
    state.created = set->metadata.creationTimestamp;
    state.template_ = canonical(set->metadata.uid, set->spec.template_.text);
    state.generation = set->metadata.generation;
    state.replicas = set->spec.replicas.value_or(1);
    state.min_ready_seconds = set->spec.minReadySeconds;
    state.pods_not_ended = context_.informers.owned_pods.counts(set->metadata.uid).not_ended();
    state.is_deleting = !set->metadata.deletionTimestamp.empty();
    state.annotations = set->metadata.annotations;
    state.status = set->status;
    result.push_back(std::move(state));
  }
  return result;
}

awaitable<Result<client::ReconcileResult>> Deployments::reconcile(std::string name, client::Cause cause) {
  client::ReconcileResult result;
  auto deployment = context_.informers.deployments.find(name);
  if (!deployment) co_return result;
  const std::string& uid = deployment->metadata.uid;
  bool is_current = status_writes_.are_seen(uid, context_.informers.deployments.revision()) &&
                    set_writes_.are_seen(uid, context_.informers.replica_sets.revision());
  if (!is_current) co_return result;
  if (deployment->spec.selector.is_empty()) {
    auto refused = co_await refuse_empty_selector(deployment, cause);
    if (!refused) co_return failure(std::move(refused.error()));
    co_return result;
  }
  if (deployment->metadata.deletionTimestamp.empty()) {
    auto claimed = co_await claim(deployment, cause);
    if (!claimed) co_return failure(std::move(claimed.error()));
    if (*claimed) co_return result;  // the sets' own news comes
  }
  std::string template_ = canonical(uid, deployment->spec.template_.text);
  auto planned = plan_deployment(*deployment, template_, states_of(*deployment), context_.env.clock.wall());
  auto plan = std::make_shared<const DeploymentPlan>(std::move(planned));
  auto moved = co_await move_sets(deployment, plan, cause);
  if (!moved) co_return failure(std::move(moved.error()));
  if (!*moved) co_return result;
  auto annotation = deployment->metadata.annotations.find(kRevision);
  bool has_revision = plan->revision.empty() ||
                      (annotation != deployment->metadata.annotations.end() && annotation->second == plan->revision);
  if (!has_revision || !is_same(plan->status, deployment->status)) {
    auto written = co_await write_status(deployment, plan->status, plan->revision, cause);
    if (!written) co_return failure(std::move(written.error()));
  }
  result.requeue_after = plan->requeue_after;
  co_return result;
}

awaitable<Result<bool>> Deployments::claim(Ptr deployment, client::Cause cause) {
  auto selector = api::to_label_selector(deployment->spec.selector);
  if (!selector) co_return failure(std::move(selector.error()));
  std::vector<SetPtr> to_release, to_adopt;
  for (const auto& [key, set] : context_.informers.owned_replica_sets.of(deployment->metadata.uid)) {
    if (!selector->matches(set->metadata.labels)) to_release.push_back(set);
  }
  for (const auto& [key, set] : context_.informers.owned_replica_sets.orphans(deployment->metadata.namespace_)) {
    if (set->metadata.deletionTimestamp.empty() && selector->matches(set->metadata.labels)) to_adopt.push_back(set);
  }
  for (const auto& set : to_release) {
    auto released =
        co_await release(context_.client, api::kReplicaSets, set->metadata, deployment->metadata.uid, cause);
    if (!released) co_return failure(std::move(released.error()));
  }
  if (!to_adopt.empty()) {
    auto allowed = co_await check_may_adopt(context_.client, api::kDeployments, deployment->metadata, cause);
    if (!allowed) co_return failure(std::move(allowed.error()));
  }
  for (const auto& set : to_adopt) {
    auto adopted = co_await adopt(context_.client, api::kReplicaSets, set->metadata, api::kDeployments,
                                  deployment->metadata, cause);
    if (!adopted) co_return failure(std::move(adopted.error()));
  }
  co_return !to_release.empty() || !to_adopt.empty();
}

awaitable<Result<void>> Deployments::refuse_empty_selector(Ptr deployment, client::Cause cause) {
  events_.event(about(*deployment), "Warning", "SelectingAll",
                "This deployment is selecting all pods. A non-empty selector is required.", cause);
  if (deployment->status.observedGeneration >= deployment->metadata.generation) co_return Result<void>();
  auto status = deployment->status;
  status.observedGeneration = deployment->metadata.generation;
  co_return co_await write_status(deployment, std::move(status), "", cause);
}

awaitable<Result<bool>> Deployments::move_sets(Ptr deployment, std::shared_ptr<const DeploymentPlan> plan,
                                               client::Cause cause) {
  const std::string namespace_ = deployment->metadata.namespace_;
  if (plan->creation) {
    auto created = co_await create_set(deployment, plan, cause);
    if (!created || !*created) co_return created;
  }
  for (const auto& change : plan->changes) {
    auto patched = co_await context_.client.patch(api::kReplicaSets, namespace_, change.name, client::PatchType::kMerge,
                                                  set_patch(change), cause);
    if (!patched && patched.error().code == 404) co_return false;  // its own news comes
    if (!patched) co_return failure(std::move(patched.error()));
    note_set_write(*deployment, *patched);
    if (change.replicas) tell_scaled(*deployment, change.name, change.old_replicas, *change.replicas, cause);
  }
  for (const auto& set : plan->removals) {
    api::ObjectMeta metadata;
    metadata.namespace_ = namespace_;
    metadata.name = set.name;
    metadata.uid = set.uid;
    auto removed = co_await remove_object(context_.client, api::kReplicaSets, metadata, cause);
    if (!removed) co_return failure(std::move(removed.error()));
  }
  co_return true;
}

awaitable<Result<bool>> Deployments::create_set(Ptr deployment, std::shared_ptr<const DeploymentPlan> plan,
                                                client::Cause cause) {
  auto body = new_set_body(*deployment, *plan);
  if (!body) co_return failure(std::move(body.error()));
  auto created =
      co_await context_.client.create(api::kReplicaSets, deployment->metadata.namespace_, std::move(*body), cause);
  if (created) {
    note_set_write(*deployment, *created);
    if (plan->creation->replicas > 0) {
      tell_scaled(*deployment, plan->creation->name, 0, plan->creation->replicas, cause);
    }
    co_return true;
  }
  Status trouble = std::move(created.error());
  // Nothing can be made where the namespace goes, and the deployment goes with it.
  if (is_namespace_terminating(trouble)) co_return false;
  if (trouble.reason == "AlreadyExists") {
    auto resolved = co_await resolve_collision(deployment, plan->creation->name, cause);
    if (!resolved) co_return failure(std::move(resolved.error()));
    co_return false;
  }
  std::string message =
      fmt::format("Failed to create new replica set \"{}\": {}", plan->creation->name, trouble.message);
  events_.event(about(*deployment), "Warning", "ReplicaSetCreateError", message, cause);
  if (has_deadline(*deployment)) {
    auto status = deployment->status;
    set_rollout_condition(status.conditions, "Progressing", "False", "ReplicaSetCreateError", message,
                          context_.env.clock.wall());
    if (!is_same(status, deployment->status)) {
      // What matters is the first error.
      auto written = co_await write_status(deployment, std::move(status), "", cause);
      if (!written) context_.env.log.info("{}: {}", client::key_of(*deployment), written.error().message);
    }
  }
  co_return failure(std::move(trouble));
}

awaitable<Result<void>> Deployments::resolve_collision(Ptr deployment, std::string name, client::Cause cause) {
  auto text = co_await context_.client.get(api::kReplicaSets, deployment->metadata.namespace_, name, cause);
  if (!text) co_return failure(std::move(text.error()));
  auto set = api::decode_view<api::ReplicaSet>(*text);
  if (!set) co_return failure(std::move(set.error()));
  const auto* owner = api::controller_of(set->metadata);
  bool is_ours = owner && owner->uid == deployment->metadata.uid &&
                 canonical_template(set->spec.template_.text) ==
                     canonical(deployment->metadata.uid, deployment->spec.template_.text);
  if (is_ours) {
    note_set_write(*deployment, *text);  // the informer is late
    co_return Result<void>();
  }
  auto status = deployment->status;
  status.collisionCount = status.collisionCount.value_or(0) + 1;
  context_.env.log.info("{}: the name {} is taken, trying the next", client::key_of(*deployment), name);
  co_return co_await write_status(deployment, std::move(status), "", cause);
}

awaitable<Result<void>> Deployments::write_status(Ptr deployment, api::DeploymentStatus status, std::string revision,
                                                  client::Cause cause) {
  auto written = co_await context_.client.patch(api::kDeployments, deployment->metadata.namespace_,
                                                deployment->metadata.name, client::PatchType::kMerge,
                                                status_patch(*deployment, status, revision), cause, "status");
  // 404: it has gone.
  if (!written && written.error().code == 404) co_return Result<void>();
  if (!written) co_return failure(std::move(written.error()));
  auto current = context_.informers.deployments.find(client::key_of(*deployment));
  if (current && current->metadata.uid == deployment->metadata.uid) {
    status_writes_.note(deployment->metadata.uid, *written);
  }
  co_return Result<void>();
}

void Deployments::tell_scaled(const api::Deployment& deployment, const std::string& set, std::int64_t from,
                              std::int64_t to, client::Cause cause) {
  events_.event(about(deployment), "Normal", "ScalingReplicaSet",
                fmt::format("Scaled {} replica set {} from {} to {}", to > from ? "up" : "down", set, from, to), cause);
}

void Deployments::note_set_write(const api::Deployment& deployment, const std::string& answer) {
  auto current = context_.informers.deployments.find(client::key_of(deployment));
  if (current && current->metadata.uid == deployment.metadata.uid) {
    set_writes_.note(deployment.metadata.uid, answer);
  }
}

}  // namespace kubeloop::controller_manager
