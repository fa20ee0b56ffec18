#include "controller-manager/controllers/job/tracking.hpp"

#include <algorithm>

#include "libs/api/time.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::controller_manager {
namespace {

// Sets or changes a condition; one that never was there is not added as False.
bool set_condition(std::vector<api::Condition>& conditions, const api::Condition& wanted) {
  auto it = std::ranges::find(conditions, wanted.type, &api::Condition::type);
  if (it == conditions.end()) {
    if (wanted.status == "False") return false;
    conditions.push_back(wanted);
    return true;
  }
  if (it->status == wanted.status && it->reason == wanted.reason && it->message == wanted.message) return false;
  *it = wanted;
  return true;
}

// Whether enough has succeeded and nothing runs any more.
bool is_complete(const Assessment& a, std::int64_t active) {
  if (active > 0) return false;
  if (!a.job->spec.completions) return a.succeeded > 0;
  return a.succeeded >= *a.job->spec.completions;
}

void tell_suspension(const Assessment& a, Tracking& t, WallTime now) {
  if (is_suspended(*a.job)) {
    auto wanted = job_condition("Suspended", "True", "JobSuspended", "Job suspended", now);
    if (!set_condition(t.status.conditions, wanted)) return;
    t.suspension = "Suspended";
    t.status.startTime.clear();
  } else {
    auto wanted = job_condition("Suspended", "False", "JobResumed", "Job resumed", now);
    if (!set_condition(t.status.conditions, wanted)) return;
    t.suspension = "Resumed";
    // The deadline counts the time that it is active without a break.
    t.status.startTime = api::format_time(now);
  }
  t.needs_write = true;
}

bool may_free(const Assessment& a, const api::Pod& pod, bool is_ending) {
  if (is_ending || !a.job->metadata.deletionTimestamp.empty() || pod.status.phase == "Succeeded") return true;
  if (!is_failed(pod, *a.job)) return false;
  auto index = completion_index(pod);
  auto last = index ? a.failed_last.find(*index) : a.failed_last.end();
  return last == a.failed_last.end() || last->second->metadata.uid != pod.metadata.uid;
}

bool has(const std::set<std::string>& uids, const api::Pod& pod) {
  return uids.contains(pod.metadata.uid);
}

// The pods that have ended go into the lists of the uncounted.
void list_ended(const Assessment& a, Tracking& t, const std::optional<api::Condition>& ending) {
  auto& uncounted = t.status.uncountedTerminatedPods;
  const auto& before = a.job->status.uncountedTerminatedPods;
  std::set<std::string> succeeded(before.succeeded.begin(), before.succeeded.end());
  std::set<std::string> failed(before.failed.begin(), before.failed.end());
  bool fails = ending && ending->type != "SuccessCriteriaMet";
  std::size_t new_indexes = 0;
  for (const auto& pod : a.pods) {
    if (!has(a.tracked, *pod) || !may_free(a, *pod, ending.has_value())) continue;
    t.to_free.push_back(pod);
    auto index = completion_index(*pod);
    bool is_valid = !is_indexed(*a.job) || (index && *index < a.job->spec.completions.value_or(0));
    if (pod->status.phase == "Succeeded" && !has(failed, *pod)) {
      // Of an Indexed job the index is enough to count it once.
      if (is_indexed(*a.job)) {
        if (is_valid && !a.counted_indexes.contains(*index)) ++new_indexes;
      } else if (!has(succeeded, *pod) || is_planted("job-counts-pod-twice")) {
        uncounted.succeeded.push_back(pod->metadata.uid);
        t.needs_write = true;
      }
    } else if (is_failed(*pod, *a.job) || fails) {
      bool is_new = !has(failed, *pod) && is_valid;
      if (is_new && judge_failure(a.failure_policy, *pod).is_counted) {
        uncounted.failed.push_back(pod->metadata.uid);
        t.needs_write = true;
      }
    }
    if (new_indexes + uncounted.succeeded.size() + uncounted.failed.size() >= kMostJobPods) {
      t.is_partial = true;
      return;
    }
  }
}

void tell_indexes(const Assessment& a, Tracking& t) {
  if (!is_indexed(*a.job)) return;
  auto completed = a.succeeded_indexes.text();
  auto failed = a.failed_indexes ? a.failed_indexes->text() : "";
  if (completed != t.status.completedIndexes || failed != t.status.failedIndexes) t.needs_write = true;
  t.status.completedIndexes = std::move(completed);
  t.status.failedIndexes = std::move(failed);
  t.status.succeeded = a.succeeded_indexes.total();
}

}  // namespace

Tracking plan_tracking(const Assessment& a, const PodOrders& orders, const OrderOutcome& outcome, WallTime now) {
  Tracking t;
  t.status = a.job->status;
  t.status.startTime = a.start_time;
  std::int64_t was_active = static_cast<std::int64_t>(a.active.size());
  std::int64_t active = was_active - outcome.deleted + outcome.created;
  auto ending = a.ending;
  if (ending && outcome.deleted != was_active) ending.reset();  // some still run: it cannot end yet
  if (!a.ending && is_complete(a, active)) {
    ending = job_condition("SuccessCriteriaMet", "True", "CompletionsReached",
                           "Reached expected number of succeeded pods", now);
  } else if (!a.ending && orders.is_managed) {
    tell_suspension(a, t, now);
  }
  std::int64_t ready = a.ready - outcome.deleted_ready;
  std::int64_t terminating = a.terminating + outcome.deleted;
  if (active != t.status.active || t.status.ready != ready || t.status.terminating != terminating) t.needs_write = true;
  t.status.active = active;
  t.status.ready = ready;
  t.status.terminating = terminating;
  if (count_freed(t.status, a.tracked)) t.needs_write = true;
  list_ended(a, t, ending);
  tell_indexes(a, t);
  if (!ending) return t;
  t.ending = *ending;
  if (ending->type == "Failed") return t;
  if (set_condition(t.status.conditions, *ending)) t.needs_write = true;
  t.ending = job_condition(ending->type == "FailureTarget" ? "Failed" : "Complete", "True", ending->reason,
                           ending->message, now);
  return t;
}

bool count_freed(api::JobStatus& status, const std::set<std::string>& tracked) {
  auto move = [&](std::vector<std::string>& uids, std::int64_t& count) {
    auto freed = std::erase_if(uids, [&](const std::string& uid) { return !tracked.contains(uid); });
    count += static_cast<std::int64_t>(freed);
    return freed > 0;
  };
  auto& uncounted = status.uncountedTerminatedPods;
  bool has_succeeded = move(uncounted.succeeded, status.succeeded);
  bool has_failed = move(uncounted.failed, status.failed);
  return has_succeeded || has_failed;
}

bool conclude(Tracking& tracking, WallTime now) {
  auto& status = tracking.status;
  const auto& uncounted = status.uncountedTerminatedPods;
  if (!tracking.ending || tracking.is_partial) return false;
  if (!uncounted.succeeded.empty() || !uncounted.failed.empty() || status.terminating.value_or(0) > 0) return false;
  set_condition(status.conditions, *tracking.ending);
  if (tracking.ending->type == "Complete") status.completionTime = api::format_time(now);
  return true;
}

}  // namespace kubeloop::controller_manager
