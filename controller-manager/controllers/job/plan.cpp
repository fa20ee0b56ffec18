#include "controller-manager/controllers/job/plan.hpp"

#include <algorithm>

#include "controller-manager/controllers/replicaset/deletion_ranking.hpp"

namespace kubeloop::controller_manager {
namespace {

std::int64_t wanted_active(const Assessment& a) {
  const auto& spec = a.job->spec;
  std::int64_t parallelism = spec.parallelism.value_or(1);
  std::int64_t active = static_cast<std::int64_t>(a.active.size());
  // A work queue: after the first success whatever runs may end, and nothing is added.
  if (!spec.completions) return a.succeeded > 0 ? active : parallelism;
  return std::clamp<std::int64_t>(*spec.completions - a.succeeded, 0, parallelism);
}

JobPods rank(JobPods pods, std::size_t count, WallTime now) {
  return pods_to_delete(std::move(pods), count, {}, now);
}

// Of an Indexed job: pods without a valid index, and of several with one index all but the one that has come furthest.
void take_superfluous(const Assessment& a, JobPods& removed, JobPods& left, WallTime now) {
  std::map<std::int64_t, JobPods> by_index;
  for (const auto& pod : a.active) {
    auto index = completion_index(*pod);
    bool is_valid = index && *index < a.job->spec.completions.value_or(0);
    if (is_valid) {
      by_index[*index].push_back(pod);
    } else {
      removed.push_back(pod);
    }
  }
  for (auto& [index, pods] : by_index) {
    auto ranked = rank(pods, pods.size(), now);
    left.push_back(ranked.back());
    ranked.pop_back();
    removed.insert(removed.end(), ranked.begin(), ranked.end());
  }
}

JobPods pods_to_remove(const Assessment& a, std::int64_t at_least, WallTime now) {
  JobPods removed, left;
  if (is_indexed(*a.job)) {
    take_superfluous(a, removed, left, now);
  } else {
    left = a.active;
  }
  std::int64_t more = at_least - static_cast<std::int64_t>(removed.size());
  if (more <= 0) return removed;
  auto ranked = rank(std::move(left), static_cast<std::size_t>(more), now);
  removed.insert(removed.end(), ranked.begin(), ranked.end());
  return removed;
}

// Indexes that have no pod and no result yet.
std::vector<std::int64_t> pending_indexes(const Assessment& a, std::int64_t count) {
  IndexSet taken = a.succeeded_indexes;
  if (a.failed_indexes) taken.add_all(*a.failed_indexes);
  for (const auto& pod : a.pods) {
    bool is_taking = is_active(*pod) || (replaces_only_failed(*a.job) && is_terminating(*pod));
    auto index = completion_index(*pod);
    if (is_taking && index) taken.add(*index);
  }
  return taken.first_missing(count, a.job->spec.completions.value_or(0));
}

// Each index waits for itself: those whose time has come go, or the orders wait for the first.
void plan_indexes(const Assessment& a, PodOrders& orders, WallTime now) {
  auto pending = pending_indexes(a, orders.creates);
  orders.creates = 0;
  std::optional<Duration> shortest;
  for (std::int64_t index : pending) {
    auto failed = a.failed_last.find(index);
    PodBackoff backoff;
    if (failed != a.failed_last.end()) {
      const auto& pod = *failed->second;
      backoff.failures = failure_count(pod, kIndexFailures) + failure_count(pod, kIndexIgnoredFailures) + 1;
      backoff.last_failure = finish_time(pod);
    }
    Duration left = backoff.remaining(now);
    if (left == Duration::zero()) {
      orders.indexes.push_back(index);
    } else {
      shortest = shortest ? std::min(*shortest, left) : left;
    }
  }
  orders.creates = static_cast<std::int64_t>(orders.indexes.size());
  orders.wait = shortest;
}

}  // namespace

PodOrders plan_orders(const Assessment& a, const PodBackoff& backoff, WallTime now) {
  PodOrders orders;
  if (a.ending) {
    orders.deletes = a.active;
    return orders;
  }
  if (!a.job->metadata.deletionTimestamp.empty()) return orders;
  orders.is_managed = true;
  orders.frees_deleted = true;
  std::int64_t active = static_cast<std::int64_t>(a.active.size());
  if (is_suspended(*a.job)) {
    orders.deletes = a.active;
    return orders;
  }
  std::int64_t wanted = wanted_active(a);
  orders.deletes = pods_to_remove(a, std::max<std::int64_t>(0, active - wanted), now);
  if (orders.deletes.size() > static_cast<std::size_t>(kMostJobPods)) orders.deletes.resize(kMostJobPods);
  // Either deletions or creations in one turn.
  if (!orders.deletes.empty()) return orders;
  std::int64_t missing = wanted - active - (replaces_only_failed(*a.job) ? a.terminating : 0);
  if (missing <= 0) return orders;
  bool is_per_index = is_indexed(*a.job) && a.failed_indexes;
  Duration left = is_per_index ? Duration::zero() : backoff.remaining(now);
  if (left > Duration::zero()) {
    orders.wait = left;
    return orders;
  }
  orders.creates = std::min(missing, kMostJobPods);
  if (is_indexed(*a.job)) plan_indexes(a, orders, now);
  return orders;
}

}  // namespace kubeloop::controller_manager
