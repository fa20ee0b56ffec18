// A job's rules for failed pods and for success before all indexes are done.
#include <fmt/core.h>

#include <set>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/index_intervals.hpp"
#include "apiserver/strategies/job_validation.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::size_t kMaxRules = 20;
constexpr std::size_t kMaxConditions = 20;
constexpr std::size_t kMaxExitCodes = 255;
constexpr std::size_t kMaxIndexText = 64 * 1024;

// An error that shows no value: "Invalid value: DETAIL".
StatusCause invalid_as_a_whole(const std::string& path, const std::string& detail) {
  auto cause = api::field::invalid(path, "", detail);
  cause.message = "Invalid value: " + detail;
  return cause;
}

void check_size(const Json& list, std::size_t limit, const std::string& path, FieldErrors& errors) {
  if (list.size() <= limit) return;
  errors.push_back(
      api::field::too_many(path, static_cast<std::int64_t>(list.size()), static_cast<std::int64_t>(limit)));
}

std::string bracketed(const std::vector<std::string>& values) {
  std::string out = "valid values: [";
  for (const auto& value : values) out += (out.back() == '[' ? "" : " ") + api::go_quoted(value);
  return out + "]";
}

// One of `allowed`, which is sorted; an empty one is missing.
void check_choice(const std::string& value, const std::vector<std::string>& allowed, const std::string& path,
                  FieldErrors& errors) {
  if (value.empty()) {
    errors.push_back(api::field::required(path, bracketed(allowed)));
  } else {
    check_one_of(value, allowed, path, errors);
  }
}

void validate_exit_codes(const Json& codes, const std::set<std::string>& containers, const std::string& path,
                         FieldErrors& errors) {
  auto op = text_at(codes, "operator");
  check_choice(op, {"In", "NotIn"}, path + ".operator", errors);
  const auto& name = member(codes, "containerName");
  if (name.is_string() && !containers.contains(name.get<std::string>())) {
    errors.push_back(api::field::invalid(path + ".containerName", name,
                                         "must be one of the container or initContainer names in the pod template"));
  }
  const auto& values = member(codes, "values");
  if (values.empty()) errors.push_back(api::field::invalid(path + ".values", values, "at least one value is required"));
  check_size(values, kMaxExitCodes, path + ".values", errors);
  bool is_ordered = true;
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto at = indexed(path + ".values", i);
    if (op == "In" && values[i] == 0) {
      errors.push_back(api::field::invalid(at, values[i], "must not be 0 for the In operator"));
    }
    if (!seen.insert(values[i].get<std::int64_t>()).second) errors.push_back(api::field::duplicate(at, values[i]));
    is_ordered = is_ordered && (i == 0 || values[i - 1] <= values[i]);
  }
  if (!is_ordered) errors.push_back(api::field::invalid(path + ".values", values, "must be ordered"));
}

void validate_patterns(const Json& patterns, const std::string& path, FieldErrors& errors) {
  check_size(patterns, kMaxConditions, path, errors);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    auto at = indexed(path, i);
    auto type = text_at(patterns[i], "type");
    add_errors(errors, at + ".type", type, api::check_qualified_name(type));
    check_choice(text_at(patterns[i], "status"), {"False", "True", "Unknown"}, at + ".status", errors);
  }
}

void validate_failure_rule(const Json& spec, const Json& rule, const std::set<std::string>& containers,
                           const std::string& path, FieldErrors& errors) {
  auto action = text_at(rule, "action");
  check_choice(action, {"Count", "FailIndex", "FailJob", "Ignore"}, path + ".action", errors);
  if (action == "FailIndex" && member(spec, "backoffLimitPerIndex").is_null()) {
    errors.push_back(api::field::invalid(path + ".action", action, "requires the backoffLimitPerIndex to be set"));
  }
  const auto& codes = member(rule, "onExitCodes");
  const auto& patterns = member(rule, "onPodConditions");
  if (!codes.is_null()) validate_exit_codes(codes, containers, path + ".onExitCodes", errors);
  if (!patterns.empty()) validate_patterns(patterns, path + ".onPodConditions", errors);
  if (!codes.is_null() && !patterns.empty()) {
    errors.push_back(invalid_as_a_whole(path, "specifying both OnExitCodes and OnPodConditions is not supported"));
  } else if (codes.is_null() && patterns.empty()) {
    errors.push_back(invalid_as_a_whole(path, "specifying one of OnExitCodes and OnPodConditions is required"));
  }
}

void validate_success_rule(const Json& rule, std::int64_t completions, const std::string& path, FieldErrors& errors) {
  const auto& indexes = member(rule, "succeededIndexes");
  const auto& count = member(rule, "succeededCount");
  if (indexes.is_null() && count.is_null()) {
    errors.push_back(
        api::field::required(path, "at least one of succeededCount or succeededIndexes must be specified"));
  }
  IndexCount named;
  if (indexes.is_string()) {
    const auto& text = indexes.get_ref<const std::string&>();
    auto at = path + ".succeededIndexes";
    if (text.size() > kMaxIndexText) errors.push_back(api::field::too_long(at, kMaxIndexText));
    named = count_indexes(text, completions);
    if (!named.problem.empty()) {
      errors.push_back(api::field::invalid(at, indexes, "error parsing succeededIndexes: " + named.problem));
    }
  }
  if (!count.is_number_integer()) return;
  auto at = path + ".succeededCount";
  auto wanted = count.get<std::int64_t>();
  if (wanted < 0) errors.push_back(api::field::invalid(at, count, "must be greater than or equal to 0"));
  auto check_bound = [&](std::int64_t bound, const char* what) {
    if (wanted <= bound) return;
    errors.push_back(api::field::invalid(at, count, fmt::format("must be less than or equal to {} ({})", bound, what)));
  };
  check_bound(completions, "the number of specified completions");
  if (indexes.is_string()) {
    check_bound(named.total, "the number of indexes in the specified succeededIndexes field");
  }
}

}  // namespace

void validate_pod_failure_policy(const Json& spec, FieldErrors& errors) {
  const auto& policy = member(spec, "podFailurePolicy");
  if (policy.is_null()) return;
  std::set<std::string> containers;
  const auto& pod = member(member(spec, "template"), "spec");
  for (const char* list : {"containers", "initContainers"}) {
    for (const auto& container : member(pod, list)) containers.insert(text_at(container, "name"));
  }
  const auto& rules = member(policy, "rules");
  check_size(rules, kMaxRules, "spec.podFailurePolicy.rules", errors);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    validate_failure_rule(spec, rules[i], containers, indexed("spec.podFailurePolicy.rules", i), errors);
  }
}

void validate_success_policy(const Json& spec, FieldErrors& errors) {
  const auto& policy = member(spec, "successPolicy");
  if (policy.is_null()) return;
  if (!is_indexed_job(spec)) {
    errors.push_back(api::field::invalid("spec.successPolicy", policy, "requires indexed completion mode"));
    return;
  }
  const std::string path = "spec.successPolicy.rules";
  const auto& rules = member(policy, "rules");
  const auto& completions = member(spec, "completions");
  if (rules.empty()) {
    errors.push_back(
        api::field::required(path, "at least one rules must be specified when the successPolicy is specified"));
  }
  check_size(rules, kMaxRules, path, errors);
  if (!completions.is_number_integer()) return;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    validate_success_rule(rules[i], completions.get<std::int64_t>(), indexed(path, i), errors);
  }
}

}  // namespace kubeloop::apiserver
