// The counters and times of a job's status.
#include <set>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/index_intervals.hpp"
#include "apiserver/strategies/job_validation.hpp"

namespace kubeloop::apiserver {
namespace {

void validate_uncounted(const Json& uncounted, FieldErrors& errors) {
  std::set<std::string> seen;
  for (const char* list : {"succeeded", "failed"}) {
    const auto& uids = member(uncounted, list);
    for (std::size_t i = 0; i < uids.size(); ++i) {
      auto at = indexed(std::string("status.uncountedTerminatedPods.") + list, i);
      if (uids[i] == "") {
        errors.push_back(api::field::invalid(at, "", "must not be empty"));
      } else if (!seen.insert(uids[i].get<std::string>()).second) {
        errors.push_back(api::field::duplicate(at, uids[i]));
      }
    }
  }
}

void check_not_decreased(const Json& status, const Json& old, const char* name, FieldErrors& errors) {
  if (number_at(status, name) >= number_at(old, name)) return;
  errors.push_back(api::field::invalid(std::string("status.") + name, number_at(status, name),
                                       std::string("cannot decrease the ") + name + " counter"));
}

void validate_times(const Json& job, const Json& old_job, FieldErrors& errors) {
  const auto& status = member(job, "status");
  const auto& old = member(old_job, "status");
  const auto& start = member(status, "startTime");
  const auto& end = member(status, "completionTime");
  bool is_start_changed = start != member(old, "startTime");
  bool is_end_changed = end != member(old, "completionTime");
  // Times of one form (RFC 3339 in UTC, whole seconds) compare as texts.
  if ((is_start_changed || is_end_changed) && start.is_string() && end.is_string() && end < start) {
    errors.push_back(
        api::field::invalid("status.completionTime", end, "completionTime cannot be set before startTime"));
  }
  if (is_end_changed && !end.is_null() && !member(old, "completionTime").is_null()) {
    errors.push_back(api::field::invalid("status.completionTime", end, "completionTime cannot be mutated"));
  }
  bool is_suspended = member(member(job, "spec"), "suspend") == true;
  if (is_start_changed && !member(old, "startTime").is_null() && !is_suspended) {
    errors.push_back(api::field::required("status.startTime", "startTime cannot be removed for unsuspended job"));
  }
}

}  // namespace

void validate_status_indexes(const Json& job, const Json& old_job, FieldErrors& errors) {
  const auto& spec = member(job, "spec");
  const auto& status = member(job, "status");
  const auto& old = member(old_job, "status");
  auto completed = text_at(status, "completedIndexes");
  const auto& failed = member(status, "failedIndexes");
  bool is_completed_changed = completed != text_at(old, "completedIndexes");
  bool is_failed_changed = failed != member(old, "failedIndexes");
  const auto& completions = member(spec, "completions");
  bool has_limit = !member(spec, "backoffLimitPerIndex").is_null();
  auto check_format = [&](const char* name, const Json& text) {
    auto problem = count_indexes(text.get<std::string>(), completions.get<std::int64_t>()).problem;
    if (problem.empty()) return;
    errors.push_back(api::field::invalid(std::string("status.") + name, text,
                                         std::string("error parsing ") + name + ": " + problem));
  };
  if (is_completed_changed && completions.is_number_integer()) check_format("completedIndexes", completed);
  if (is_failed_changed && failed.is_string() && has_limit && completions.is_number_integer()) {
    check_format("failedIndexes", failed);
  }
  if (is_completed_changed && !completed.empty() && !is_indexed_job(spec)) {
    errors.push_back(api::field::invalid("status.completedIndexes", completed,
                                         "cannot set non-empty completedIndexes when non-indexed completion mode"));
  }
  if (is_failed_changed && !failed.is_null() && !has_limit) {
    errors.push_back(api::field::invalid("status.failedIndexes", failed,
                                         "cannot set non-null failedIndexes when backoffLimitPerIndex is null"));
  }
  if ((!is_failed_changed && !is_completed_changed) || !failed.is_string() || !completions.is_number_integer()) return;
  auto shared = first_shared_index(completed, failed.get<std::string>(), completions.get<std::int64_t>());
  if (shared) {
    errors.push_back(
        api::field::invalid("status.failedIndexes", failed,
                            "failedIndexes and completedIndexes overlap at index: " + std::to_string(*shared)));
  }
}

void validate_job_status_update(const Json& job, const Json& old, FieldErrors& errors) {
  const auto& spec = member(job, "spec");
  const auto& status = member(job, "status");
  const auto& old_status = member(old, "status");
  for (const char* name : {"active", "succeeded", "failed", "ready", "terminating"}) {
    check_not_negative(status, name, "status", errors);
  }
  validate_uncounted(member(status, "uncountedTerminatedPods"), errors);
  validate_job_conditions(job, old, errors);
  validate_status_indexes(job, old, errors);
  check_not_decreased(status, old_status, "failed", errors);
  // An Indexed job of equal parallelism and completions can be shortened.
  bool can_shrink = is_indexed_job(spec) && member(spec, "completions") == member(spec, "parallelism");
  if (!can_shrink) check_not_decreased(status, old_status, "succeeded", errors);
  validate_times(job, old, errors);
}

}  // namespace kubeloop::apiserver
