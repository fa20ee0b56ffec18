#include "controller-manager/controllers/disruption/reconciler.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "controller-manager/references.hpp"

namespace kubeloop::controller_manager {
namespace {

// How long an answer of discovery that lacks a kind is believed.
constexpr Duration kDiscoveryAge = std::chrono::seconds(30);

struct ScaleSpec {
  std::int64_t replicas = 0;
};
BOOST_DESCRIBE_STRUCT(ScaleSpec, (), (replicas))
struct ScaleView {
  api::ObjectMeta metadata;
  ScaleSpec spec;
};
BOOST_DESCRIBE_STRUCT(ScaleView, (), (metadata, spec))

bool is_of(const api::OwnerReference& reference, std::string_view kind) {
  auto group = api::group_of(reference.apiVersion);
  return reference.kind == kind && (group == "apps" || group == "extensions");
}

}  // namespace

DisruptionController::DisruptionController(ControllerContext context)
    : context_(std::move(context)),
      events_(context_.env.child("events"), context_.tasks, context_.client, "controllermanager", ""),
      budgets_(context_.env.child("budgets")),
      stale_(context_.env.child("stale")) {
  context_.informers.pods.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_pod(before, after, revision); });
  context_.informers.disruption_budgets.add_handler(
      [this](const auto& before, const auto& after, std::uint64_t revision) { fold_budget(before, after, revision); });
}

std::vector<std::pair<std::string, const client::WorkQueue*>> DisruptionController::queues() const {
  return {{"disruption", &budgets_}, {"stale_pod_disruption", &stale_}};
}

awaitable<void> DisruptionController::run() {
  co_await context_.informers.pods.wait_until_synced();
  co_await context_.informers.disruption_budgets.wait_until_synced();
  co_await context_.informers.replica_sets.wait_until_synced();
  co_await context_.informers.deployments.wait_until_synced();
  context_.tasks.spawn("stale disruptions", client::run_reconciler(context_.env, stale_, stale_sync_));
  co_await client::run_reconciler(context_.env, budgets_, budget_sync_);
}

void DisruptionController::fold_pod(const PodPtr& before, const PodPtr& after, client::Cause cause) {
  const auto& pod = after ? *after : *before;
  for (const auto& name : index_.fold(before, after)) {
    budgets_.add_after(pod.metadata.namespace_ + "/" + name, context_.options.disruption_batch_period, cause);
  }
  if (!after) return;
  if (auto due = stale_in(pod, context_.env.clock.wall())) stale_.add_after(client::key_of(pod), *due, cause);
  if (before && before->metadata.labels == pod.metadata.labels) return;
  auto covering = index_.covering(pod);
  if (covering.size() < 2) return;
  events_.event(reference_to(pod), "Warning", "MultiplePodDisruptionBudgets",
                fmt::format("Pod \"{}\"/\"{}\" matches multiple PodDisruptionBudgets.  Chose \"{}\" arbitrarily.",
                            pod.metadata.namespace_, pod.metadata.name, covering[0]),
                cause);
}

void DisruptionController::fold_budget(const BudgetPtr& before, const BudgetPtr& after, client::Cause cause) {
  if (!after) {
    index_.erase(*before);
    told_.erase(client::key_of(*before));
    return;
  }
  index_.set(*after, context_.informers.pods.objects());
  bool is_new = !before || before->metadata.generation != after->metadata.generation;
  auto delay = is_new ? Duration::zero() : context_.options.disruption_batch_period;
  budgets_.add_after(client::key_of(*after), delay, cause);
}

awaitable<DisruptionController::Outcome> DisruptionController::sync_budget(std::string key, client::Cause cause) {
  auto budget = context_.informers.disruption_budgets.find(key);
  if (!budget) co_return client::ReconcileResult();
  const auto& metadata = budget->metadata;
  const auto* pods = index_.find(metadata.namespace_, metadata.name);
  Result<std::int64_t> scale = 0;
  if (pods && needs_scale(budget->spec)) {
    std::vector<Owner> owners;
    for (const auto& [uid, owner] : pods->owners) {
      auto& copy = owners.emplace_back();
      copy.reference = owner.reference;
      copy.pod = *owner.pods.begin();
    }
    scale = co_await total_scale(metadata.namespace_, std::move(owners), cause);
    budget = context_.informers.disruption_budgets.find(key);
    if (!budget) co_return client::ReconcileResult();
  }
  std::set<Remark> remarks;
  client::ReconcileResult result;
  auto patch = plan(*budget, std::move(scale), remarks, result.requeue_after, cause);
  tell(*budget, std::move(remarks), cause);
  if (!patch) co_return result;
  auto written =
      co_await context_.client.patch(api::kPodDisruptionBudgets, budget->metadata.namespace_, budget->metadata.name,
                                     client::PatchType::kStrategicMerge, std::move(*patch), cause, "status");
  // 409: an eviction was granted meanwhile, or the informer is late.
  if (!written && written.error().code != 404) co_return failure(std::move(written.error()));
  co_return result;
}

std::optional<std::string> DisruptionController::plan(const api::PodDisruptionBudget& budget,
                                                      Result<std::int64_t> scale, std::set<Remark>& remarks,
                                                      std::optional<Duration>& look_again, client::Cause cause) {
  const auto& namespace_ = budget.metadata.namespace_;
  auto now = context_.env.clock.wall();
  const auto* pods = index_.find(namespace_, budget.metadata.name);
  if (!pods) return std::nullopt;
  if (!pods->selector_error.empty()) {
    remarks.insert(Remark("Warning", "NoPods", "Failed to get pods: " + pods->selector_error));
    return plan_failed_status(budget, pods->selector_error, now);
  }
  if (pods->count == 0) remarks.insert(Remark("Normal", "NoPods", "No matching pods found"));
  auto expectation = scale ? plan_expectation(budget.spec, pods->count, *scale) : failure(std::move(scale.error()));
  if (!expectation) {
    const auto& message = expectation.error().message;
    remarks.insert(Remark("Warning", "CalculateExpectedPodCountFailed",
                          "Failed to calculate the number of expected pods: " + message));
    return plan_failed_status(budget, message, now);
  }
  if (needs_scale(budget.spec) && pods->unmanaged > 0) {
    auto message = fmt::format(
        "Pods selected by this PodDisruptionBudget (selector: {}) were found to be unmanaged. As a result, the status "
        "of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods "
        "please set \".spec.minAvailable\" field of the PDB to an integer value.",
        go_text(budget.spec.selector));
    remarks.insert(Remark("Warning", "UnmanagedPods", std::move(message)));
  }
  auto find_pod = [&](const std::string& name) -> const api::Pod* {
    auto pod = context_.informers.pods.find(namespace_ + "/" + name);
    return pod && pods->matches(*pod) ? pod.get() : nullptr;
  };
  auto disrupted = plan_disrupted(budget.status.disruptedPods, find_pod, now);
  for (const auto& name : disrupted.not_deleted) {
    auto message =
        fmt::format("Pod was expected by PDB {}/{} to be deleted but it wasn't", namespace_, budget.metadata.name);
    events_.event(reference_to(*find_pod(name)), "Warning", "NotDeleted", std::move(message), cause);
  }
  look_again = disrupted.look_again;
  BudgetNumbers numbers;
  numbers.expected = expectation->expected;
  numbers.desired = expectation->desired;
  numbers.healthy = pods->healthy - disrupted.withheld;
  numbers.disrupted = std::move(disrupted.kept);
  return plan_status(budget, numbers, now);
}

void DisruptionController::tell(const api::PodDisruptionBudget& budget, std::set<Remark> remarks, client::Cause cause) {
  auto& told = told_[client::key_of(budget)];
  auto about = reference_to(api::kPodDisruptionBudgets, budget.metadata);
  for (const auto& remark : remarks) {
    if (!told.contains(remark)) events_.event(about, remark.type, remark.reason, remark.message, cause);
  }
  told = std::move(remarks);
}

awaitable<Result<std::int64_t>> DisruptionController::total_scale(std::string namespace_, std::vector<Owner> owners,
                                                                  client::Cause cause) {
  std::map<std::string, std::int64_t> scales;  // by uid: two replica sets of one deployment count once
  for (const auto& owner : owners) {
    auto scale = replica_set_scale(namespace_, owner.reference);
    if (!scale) {
      auto served = co_await served_scale(namespace_, owner.reference, cause);
      if (!served) co_return failure(std::move(served.error()));
      scale = *served;
    }
    if (!scale) {
      co_return failure(404, "NotFound", fmt::format("found no controllers for pod \"{}\"", owner.pod));
    }
    scales[scale->uid] = scale->replicas;
  }
  std::int64_t total = 0;
  for (const auto& [uid, replicas] : scales) total += replicas;
  co_return total;
}

std::optional<DisruptionController::Scale> DisruptionController::replica_set_scale(
    const std::string& namespace_, const api::OwnerReference& reference) const {
  if (!is_of(reference, "ReplicaSet")) return std::nullopt;
  auto set = context_.informers.replica_sets.find(namespace_ + "/" + reference.name);
  if (!set || set->metadata.uid != reference.uid) return std::nullopt;
  Scale scale;
  const auto* controller = api::controller_of(set->metadata);
  if (controller && is_of(*controller, "Deployment")) {
    auto deployment = context_.informers.deployments.find(namespace_ + "/" + controller->name);
    if (deployment && deployment->metadata.uid == controller->uid) {
      scale.uid = controller->uid;
      scale.replicas = deployment->spec.replicas.value_or(1);
      return scale;
    }
  }
  scale.uid = reference.uid;
  scale.replicas = set->spec.replicas.value_or(1);
  return scale;
}

awaitable<Result<std::optional<DisruptionController::Scale>>> DisruptionController::served_scale(
    std::string namespace_, api::OwnerReference reference, client::Cause cause) {
  const auto* known = kinds_.find(reference.apiVersion, reference.kind);
  auto now = context_.env.clock.now();
  if (!known && (kinds_.all.empty() || now - asked_for_kinds_ >= kDiscoveryAge)) {
    auto found = co_await discover(context_.client, cause);
    if (!found) co_return failure(std::move(found.error()));
    kinds_ = std::move(*found);
    asked_for_kinds_ = now;
    known = kinds_.find(reference.apiVersion, reference.kind);
  }
  if (!known) {
    co_return failure(
        404, "NotFound",
        fmt::format("no matches for kind \"{}\" in version \"{}\"", reference.kind, reference.apiVersion));
  }
  if (!known->has_subresource("scale")) {
    co_return failure(404, "NotFound",
                      fmt::format("{} does not implement the scale subresource", known->group_resource()));
  }
  auto path = known->resource().path(namespace_, reference.name, "scale");
  auto text = co_await context_.client.raw("GET", std::move(path), "", "", cause);
  if (!text && text.error().code == 404) co_return std::optional<Scale>();
  if (!text) co_return failure(std::move(text.error()));
  auto view = api::decode_view<ScaleView>(*text);
  if (!view) co_return failure(std::move(view.error()));
  if (view->metadata.uid != reference.uid) co_return std::optional<Scale>();
  Scale scale;
  scale.uid = reference.uid;
  scale.replicas = view->spec.replicas;
  co_return std::optional<Scale>(std::move(scale));
}

awaitable<DisruptionController::Outcome> DisruptionController::reset_stale(std::string key, client::Cause cause) {
  client::ReconcileResult result;
  auto pod = context_.informers.pods.find(key);
  if (!pod) co_return result;
  auto now = context_.env.clock.wall();
  auto due = stale_in(*pod, now);
  if (!due) co_return result;
  if (*due > Duration::zero()) {
    result.requeue_after = *due;
    co_return result;
  }
  auto body = stale_reset(*pod, now);
  auto patched = co_await context_.client.patch(api::kPods, pod->metadata.namespace_, pod->metadata.name,
                                                client::PatchType::kStrategicMerge, std::move(body), cause, "status");
  if (!patched && patched.error().code != 404) co_return failure(std::move(patched.error()));
  co_return result;
}

}  // namespace kubeloop::controller_manager
