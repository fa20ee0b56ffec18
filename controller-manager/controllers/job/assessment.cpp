#include "controller-manager/controllers/job/assessment.hpp"

#include <algorithm>

#include "controller-manager/controllers/job/success_policy.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr std::int64_t kBackoffLimit = 6;  // unless the job says otherwise

bool is_below(std::optional<std::int64_t> index, const api::Job& job) {
  return index && *index < job.spec.completions.value_or(0);
}

// Of an Indexed job only pods with an index count.
bool can_count(const api::Pod& pod, const api::Job& job) {
  return !is_indexed(job) || is_below(completion_index(pod), job);
}

void count_pods(Assessment& a, const std::set<std::string>& freed) {
  const api::Job& job = *a.job;
  const auto& uncounted = job.status.uncountedTerminatedPods;
  std::set<std::string> was_succeeded(uncounted.succeeded.begin(), uncounted.succeeded.end());
  std::set<std::string> was_failed(uncounted.failed.begin(), uncounted.failed.end());
  std::int64_t ignored = 0;
  for (const auto& pod : a.pods) {
    const auto& uid = pod->metadata.uid;
    if (is_active(*pod)) a.active.push_back(pod);
    if (is_active(*pod) && is_ready(*pod)) ++a.ready;
    if (is_terminating(*pod)) ++a.terminating;
    if (!is_tracked(*pod) || freed.contains(uid)) continue;
    a.tracked.insert(uid);
    if (!can_count(*pod, job)) continue;
    if (pod->status.phase == "Succeeded" && !was_succeeded.contains(uid)) a.newly_succeeded.push_back(pod);
    if (is_failed(*pod, job) && !was_failed.contains(uid)) {
      a.newly_failed.push_back(pod);
      if (!judge_failure(a.failure_policy, *pod).is_counted) ++ignored;
    }
  }
  auto size = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
  a.succeeded = job.status.succeeded + size(a.newly_succeeded) + size(uncounted.succeeded);
  a.failed = job.status.failed + size(a.newly_failed) - ignored + size(uncounted.failed);
}

bool is_past_restarts(const Assessment& a, std::int64_t limit) {
  if (restart_policy_of(*a.job) != "OnFailure") return false;
  std::int64_t restarts = 0;
  for (const auto& pod : a.pods) {
    if (pod->status.phase != "Running" && pod->status.phase != "Pending") continue;
    for (const auto* list : {&pod->status.initContainerStatuses, &pod->status.containerStatuses}) {
      for (const auto& container : *list) restarts += container.restartCount;
    }
  }
  return limit == 0 ? restarts > 0 : restarts >= limit;
}

api::Condition failing(const char* reason, std::string message, WallTime now) {
  return job_condition("FailureTarget", "True", reason, std::move(message), now);
}

// What was decided before, and the failure policy.
void judge_conditions(Assessment& a, WallTime now) {
  const auto& conditions = a.job->status.conditions;
  const auto* met = api::find_condition(conditions, "SuccessCriteriaMet");
  if (met && met->status == "True") {
    a.ending = *met;
    return;
  }
  const auto* target = api::find_condition(conditions, "FailureTarget");
  if (target && target->status == "True") {
    a.ending = job_condition("Failed", "True", target->reason, target->message, now);
    return;
  }
  if (!a.failure_policy) return;
  for (const auto& pod : a.pods) {
    if (!is_failed(*pod, *a.job)) continue;
    auto message = judge_failure(a.failure_policy, *pod).fails_job;
    if (message.empty()) continue;
    a.ending = failing("PodFailurePolicy", std::move(message), now);
    return;
  }
}

void judge_limits(Assessment& a, WallTime now) {
  const auto& spec = a.job->spec;
  std::int64_t limit = spec.backoffLimit.value_or(kBackoffLimit);
  if (a.failed > limit || is_past_restarts(a, limit)) {
    a.ending = failing("BackoffLimitExceeded", "Job has reached the specified backoff limit", now);
    return;
  }
  auto started = api::parse_time(a.start_time);
  if (!spec.activeDeadlineSeconds || !started || is_suspended(*a.job)) return;
  Duration left = *started + std::chrono::seconds(*spec.activeDeadlineSeconds) - now;
  if (left <= Duration::zero()) {
    a.ending = failing("DeadlineExceeded", "Job was active longer than specified deadline", now);
  } else {
    a.deadline_in = left;
  }
}

// The failed pod of each index that is to be replaced keeps its finalizer until its successor has taken over its count.
void find_failed_last(Assessment& a) {
  IndexSet settled = a.succeeded_indexes;
  settled.add_all(*a.failed_indexes);
  for (const auto& pod : a.active) {
    if (auto index = completion_index(*pod)) settled.add(*index);
  }
  for (const auto& pod : a.pods) {
    auto index = completion_index(*pod);
    if (!a.tracked.contains(pod->metadata.uid) || !is_below(index, *a.job) || !is_failed(*pod, *a.job)) continue;
    if (settled.contains(*index)) continue;
    auto rank = [](const api::Pod& p) {
      return std::pair(failure_count(p, kIndexFailures) + failure_count(p, kIndexIgnoredFailures), finish_time(p));
    };
    auto& last = a.failed_last[*index];
    if (!last || rank(*last) <= rank(*pod)) last = pod;
  }
}

void judge_failed_indexes(Assessment& a, WallTime now) {
  const auto& spec = a.job->spec;
  std::int64_t completions = spec.completions.value_or(0);
  a.failed_indexes = IndexSet::parse(a.job->status.failedIndexes, completions);
  for (const auto& pod : a.pods) {
    auto index = completion_index(*pod);
    if (!a.tracked.contains(pod->metadata.uid) || !is_below(index, *a.job) || !is_failed(*pod, *a.job)) continue;
    auto verdict = judge_failure(a.failure_policy, *pod);
    bool is_spent = verdict.is_counted && failure_count(*pod, kIndexFailures) >= *spec.backoffLimitPerIndex;
    if (verdict.fails_index || is_spent) a.failed_indexes->add(*index);
  }
  find_failed_last(a);
  if (a.ending) return;
  std::int64_t failed = a.failed_indexes->total();
  if (spec.maxFailedIndexes && failed > *spec.maxFailedIndexes) {
    a.ending =
        failing("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes", now);
  } else if (failed > 0 && failed + a.succeeded_indexes.total() >= completions) {
    a.ending = failing("FailedIndexes", "Job has failed indexes", now);
  }
}

void judge_indexes(Assessment& a, WallTime now) {
  a.counted_indexes = IndexSet::parse(a.job->status.completedIndexes, a.job->spec.completions.value_or(0));
  a.succeeded_indexes = a.counted_indexes;
  for (const auto& pod : a.pods) {
    bool is_done = pod->status.phase == "Succeeded" && a.tracked.contains(pod->metadata.uid);
    if (is_done && can_count(*pod, *a.job)) a.succeeded_indexes.add(*completion_index(*pod));
  }
  a.succeeded = a.succeeded_indexes.total();
  if (a.job->spec.backoffLimitPerIndex) judge_failed_indexes(a, now);
  if (a.ending) return;
  auto message = match_success_policy(*a.job, a.succeeded_indexes);
  if (message) a.ending = job_condition("SuccessCriteriaMet", "True", "SuccessPolicy", std::move(*message), now);
}

}  // namespace

api::Condition job_condition(std::string type, std::string status, std::string reason, std::string message,
                             WallTime now) {
  api::Condition condition;
  condition.type = std::move(type);
  condition.status = std::move(status);
  condition.reason = std::move(reason);
  condition.message = std::move(message);
  condition.lastProbeTime = condition.lastTransitionTime = api::format_time(now);
  return condition;
}

Assessment assess(JobPtr job, JobPods pods, const std::set<std::string>& freed, WallTime now) {
  Assessment a;
  a.job = std::move(job);
  a.pods = std::move(pods);
  if (is_indexed(*a.job)) {
    auto index = [](const OwnedPods::Ptr& pod) { return completion_index(*pod).value_or(-1); };
    std::ranges::sort(a.pods, [&](const auto& x, const auto& y) {
      return std::pair(index(x), x->metadata.name) < std::pair(index(y), y->metadata.name);
    });
  }
  a.failure_policy = pod_failure_policy_of(*a.job);
  a.start_time = a.job->status.startTime;
  if (a.start_time.empty() && !is_suspended(*a.job)) a.start_time = api::format_time(now);
  count_pods(a, freed);
  judge_conditions(a, now);
  if (!a.ending) judge_limits(a, now);
  if (is_indexed(*a.job)) judge_indexes(a, now);
  return a;
}

}  // namespace kubeloop::controller_manager
