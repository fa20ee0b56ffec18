#include "controller-manager/controllers/job/pod_failure_policy.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "libs/api/codec/view.hpp"

namespace kubeloop::controller_manager {
namespace {

bool matches(const ExitCodes& wanted, const api::ContainerStatus& container) {
  if (!container.state.terminated || container.state.terminated->exitCode == 0) return false;
  if (!wanted.containerName.empty() && wanted.containerName != container.name) return false;
  bool is_named = std::ranges::find(wanted.values, container.state.terminated->exitCode) != wanted.values.end();
  return wanted.operator_ == "In" ? is_named : !is_named;
}

const api::ContainerStatus* find_container(const ExitCodes& wanted, const api::Pod& pod) {
  for (const auto* list : {&pod.status.containerStatuses, &pod.status.initContainerStatuses}) {
    auto it = std::ranges::find_if(*list, [&](const auto& container) { return matches(wanted, container); });
    if (it != list->end()) return &*it;
  }
  return nullptr;
}

const api::Condition* find_pattern(const std::vector<PodConditionPattern>& patterns, const api::Pod& pod) {
  for (const auto& condition : pod.status.conditions) {
    bool is_wanted = std::ranges::any_of(patterns, [&](const PodConditionPattern& pattern) {
      return pattern.type == condition.type && pattern.status == condition.status;
    });
    if (is_wanted) return &condition;
  }
  return nullptr;
}

// "" when the rule does not match; else how the pod's failure is told.
std::string match_text(const PodFailureRule& rule, const api::Pod& pod) {
  const auto& name = pod.metadata;
  if (rule.onExitCodes) {
    const auto* container = find_container(*rule.onExitCodes, pod);
    if (!container) return "";
    return fmt::format("Container {} for pod {}/{} failed with exit code {}", container->name, name.namespace_,
                       name.name, container->state.terminated->exitCode);
  }
  const auto* condition = find_pattern(rule.onPodConditions, pod);
  if (!condition) return "";
  return fmt::format("Pod {}/{} has condition {}", name.namespace_, name.name, condition->type);
}

}  // namespace

std::optional<PodFailurePolicy> pod_failure_policy_of(const api::Job& job) {
  if (job.spec.podFailurePolicy.text.empty()) return std::nullopt;
  auto policy = api::decode_view<PodFailurePolicy>(job.spec.podFailurePolicy.text);
  return policy ? *policy : PodFailurePolicy();
}

FailureVerdict judge_failure(const std::optional<PodFailurePolicy>& policy, const api::Pod& pod) {
  FailureVerdict verdict;
  if (!policy) return verdict;
  for (std::size_t i = 0; i < policy->rules.size(); ++i) {
    const auto& rule = policy->rules[i];
    auto text = match_text(rule, pod);
    if (text.empty()) continue;
    verdict.is_counted = rule.action != "Ignore";
    verdict.fails_index = rule.action == "FailIndex";
    if (rule.action == "FailJob")
      verdict.fails_job = fmt::format("{} matching {} rule at index {}", text, rule.action, i);
    return verdict;
  }
  return verdict;
}

}  // namespace kubeloop::controller_manager
