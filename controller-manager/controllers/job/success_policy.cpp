#include "controller-manager/controllers/job/success_policy.hpp"

#include <fmt/core.h>

#include "libs/api/codec/view.hpp"

namespace kubeloop::controller_manager {

struct JobSuccessRule {
  std::string succeededIndexes;
  std::optional<std::int64_t> succeededCount;
};
BOOST_DESCRIBE_STRUCT(JobSuccessRule, (), (succeededIndexes, succeededCount))
struct JobSuccessPolicy {
  std::vector<JobSuccessRule> rules;
};
BOOST_DESCRIBE_STRUCT(JobSuccessPolicy, (), (rules))

namespace {

bool is_met(const JobSuccessRule& rule, std::int64_t completions, const IndexSet& succeeded) {
  if (rule.succeededIndexes.empty()) return rule.succeededCount && succeeded.total() >= *rule.succeededCount;
  auto wanted = IndexSet::parse(rule.succeededIndexes, completions);
  return succeeded.common(wanted) >= rule.succeededCount.value_or(wanted.total());
}

}  // namespace

std::optional<std::string> match_success_policy(const api::Job& job, const IndexSet& succeeded) {
  if (job.spec.successPolicy.text.empty()) return std::nullopt;
  auto policy = api::decode_view<JobSuccessPolicy>(job.spec.successPolicy.text);
  if (!policy) return std::nullopt;
  for (std::size_t i = 0; i < policy->rules.size(); ++i) {
    if (is_met(policy->rules[i], job.spec.completions.value_or(0), succeeded))
      return fmt::format("Matched rules at index {}", i);
  }
  return std::nullopt;
}

}  // namespace kubeloop::controller_manager
