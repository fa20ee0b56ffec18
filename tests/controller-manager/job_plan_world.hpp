// A job and its pods as plain data: what the tests of the job controller's decisions start from.
#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "controller-manager/controllers/job/plan.hpp"
#include "controller-manager/controllers/job/tracking.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::controller_manager::job_plan {

using Strings = std::vector<std::string>;

inline const WallTime kNow = *api::parse_time("2026-01-01T01:00:00Z");

inline std::string at(Duration offset) {
  return api::format_time(kNow + offset);
}

struct World {
  std::shared_ptr<api::Job> job = std::make_shared<api::Job>();
  JobPods pods;
  std::set<std::string> freed;

  World() {
    job->metadata.name = "pi";
    job->metadata.namespace_ = "default";
    job->metadata.uid = "job-1";
    job->metadata.resourceVersion = "5";
    job->spec.parallelism = 1;
    job->spec.completions = 1;
    job->spec.backoffLimit = 6;
    job->spec.completionMode = "NonIndexed";
    job->spec.template_.text =
        R"({"metadata":{"labels":{"app":"pi"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c"}]}})";
  }
  std::shared_ptr<api::Pod> add(const std::string& phase, std::optional<int> index = std::nullopt) {
    auto pod = std::make_shared<api::Pod>();
    pod->metadata.name = fmt::format("pi-{:02}", pods.size());
    pod->metadata.namespace_ = "default";
    pod->metadata.uid = fmt::format("u{}", pods.size());
    pod->metadata.finalizers = {kTrackingFinalizer};
    pod->metadata.creationTimestamp = at(-1min);
    pod->status.phase = phase;
    if (index) pod->metadata.annotations[kIndexKey] = std::to_string(*index);
    if (phase == "Succeeded" || phase == "Failed") end(*pod, 0s, phase == "Failed" ? 1 : 0);
    pods.push_back(pod);
    return pod;
  }
  static void end(api::Pod& pod, Duration ago, int exit_code) {
    api::ContainerStatus container;
    container.name = "c";
    auto& terminated = container.state.terminated.emplace();
    terminated.exitCode = exit_code;
    terminated.finishedAt = at(-ago);
    pod.status.containerStatuses = {container};
  }
  static void remove(api::Pod& pod) { pod.metadata.deletionTimestamp = at(30s); }
  void add_condition(std::string type, std::string reason, std::string message = "") {
    job->status.conditions.push_back(
        job_condition(std::move(type), "True", std::move(reason), std::move(message), kNow));
  }
  Assessment assessment() const { return assess(job, pods, freed, kNow); }
  PodOrders orders(PodBackoff backoff = {}) const { return plan_orders(assessment(), backoff, kNow); }
  // The first write when all orders were carried out.
  Tracking tracking() const {
    auto a = assessment();
    auto o = plan_orders(a, PodBackoff(), kNow);
    OrderOutcome outcome;
    outcome.created = o.creates;
    outcome.deleted = static_cast<std::int64_t>(o.deletes.size());
    return plan_tracking(a, o, outcome, kNow);
  }
};

inline Strings types(const api::JobStatus& status) {
  Strings result;
  for (const auto& condition : status.conditions)
    result.push_back(fmt::format("{}={} {}", condition.type, condition.status, condition.reason));
  return result;
}

inline Strings names(const JobPods& pods) {
  Strings result;
  for (const auto& pod : pods) result.push_back(pod->metadata.name);
  return result;
}

}  // namespace kubeloop::controller_manager::job_plan
