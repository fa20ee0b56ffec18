#include "controller-manager/controllers/job/job_pods.hpp"

#include <algorithm>
#include <charconv>

#include "libs/api/codec/view.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {

// The part of a pod template that is looked into.
struct JobTemplateSpec {
  std::string restartPolicy;
};
BOOST_DESCRIBE_STRUCT(JobTemplateSpec, (), (restartPolicy))
struct JobTemplateFacts {
  JobTemplateSpec spec;
};
BOOST_DESCRIBE_STRUCT(JobTemplateFacts, (), (spec))

namespace {

bool is_true(const api::Job& job, const char* type) {
  const auto* condition = api::find_condition(job.status.conditions, type);
  return condition && condition->status == "True";
}

std::optional<std::int64_t> number_at(const api::Pod& pod, const char* annotation) {
  auto it = pod.metadata.annotations.find(annotation);
  if (it == pod.metadata.annotations.end()) return std::nullopt;
  const std::string& text = it->second;
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<WallTime> containers_finished(const api::Pod& pod) {
  std::optional<WallTime> last;
  for (const auto& container : pod.status.containerStatuses) {
    if (!container.state.terminated) return std::nullopt;
    auto time = api::parse_time(container.state.terminated->finishedAt);
    if (!time) return std::nullopt;
    if (!last || *time > *last) last = time;
  }
  return last;
}

}  // namespace

bool is_indexed(const api::Job& job) {
  return job.spec.completionMode == "Indexed";
}
bool is_suspended(const api::Job& job) {
  return job.spec.suspend.value_or(false);
}
bool is_finished(const api::Job& job) {
  return is_true(job, "Complete") || is_true(job, "Failed");
}
bool is_managed_elsewhere(const api::Job& job) {
  return !job.spec.managedBy.empty() && job.spec.managedBy != "kubernetes.io/job-controller";
}
bool replaces_only_failed(const api::Job& job) {
  return job.spec.podReplacementPolicy == "Failed" || !job.spec.podFailurePolicy.text.empty();
}
std::string restart_policy_of(const api::Job& job) {
  auto facts = api::decode_view<JobTemplateFacts>(job.spec.template_.text);
  return facts ? facts->spec.restartPolicy : "";
}

bool is_tracked(const api::Pod& pod) {
  return std::ranges::find(pod.metadata.finalizers, kTrackingFinalizer) != pod.metadata.finalizers.end();
}

bool is_failed(const api::Pod& pod, const api::Job& job) {
  if (pod.status.phase == "Failed") return true;
  if (replaces_only_failed(job)) return false;
  return !pod.metadata.deletionTimestamp.empty() && pod.status.phase != "Succeeded";
}

std::optional<std::int64_t> completion_index(const api::Pod& pod) {
  return number_at(pod, kIndexKey);
}
std::int64_t failure_count(const api::Pod& pod, const char* annotation) {
  return number_at(pod, annotation).value_or(0);
}

WallTime finish_time(const api::Pod& pod) {
  auto finished = containers_finished(pod);
  if (finished) return *finished;
  const auto* ready = api::find_condition(pod.status.conditions, "Ready");
  auto unready = ready && ready->status == "False" ? api::parse_time(ready->lastTransitionTime) : std::nullopt;
  if (unready) return *unready;
  auto deleted = api::parse_time(pod.metadata.deletionTimestamp);
  if (deleted) return *deleted - std::chrono::seconds(pod.metadata.deletionGracePeriodSeconds.value_or(0));
  return api::parse_time(pod.metadata.creationTimestamp).value_or(WallTime());
}

}  // namespace kubeloop::controller_manager
