// What the job controller reads from a job and from each of its pods. Pure. Source: pkg/controller/job in Kubernetes.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller-manager/owned_pods.hpp"
#include "libs/api/views/workload.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

inline constexpr const char* kTrackingFinalizer = "batch.kubernetes.io/job-tracking";
inline constexpr const char* kIndexKey = "batch.kubernetes.io/job-completion-index";  // annotation and label
inline constexpr const char* kIndexFailures = "batch.kubernetes.io/job-index-failure-count";
inline constexpr const char* kIndexIgnoredFailures = "batch.kubernetes.io/job-index-ignored-failure-count";

bool is_indexed(const api::Job& job);
bool is_suspended(const api::Job& job);
// Complete or Failed is True.
bool is_finished(const api::Job& job);
// Somebody else's business: spec.managedBy names another controller.
bool is_managed_elsewhere(const api::Job& job);
// A pod is replaced only once it has ended, not already when it is being deleted.
bool replaces_only_failed(const api::Job& job);
// The template's; "" when it says nothing.
std::string restart_policy_of(const api::Job& job);

bool is_tracked(const api::Pod& pod);  // has the finalizer: not accounted for yet
bool is_failed(const api::Pod& pod, const api::Job& job);
// Of an Indexed job's pod; nothing when it has none.
std::optional<std::int64_t> completion_index(const api::Pod& pod);
// The number in one of the two annotations above; 0 when it is not there.
std::int64_t failure_count(const api::Pod& pod, const char* annotation);
// When it ended, as well as can be told: its containers, its Ready condition, its deletion, its creation.
WallTime finish_time(const api::Pod& pod);

}  // namespace kubeloop::controller_manager
