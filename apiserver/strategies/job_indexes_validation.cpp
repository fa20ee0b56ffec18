// What Indexed jobs need, and what only they may have.
#include <fmt/core.h>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/job_validation.hpp"

namespace kubeloop::apiserver {
namespace {

// Above so many completions the status would grow too long without the lower limits.
constexpr std::int64_t kManyIndexes = 100'000;
constexpr std::int64_t kLimitOfMany = 10'000;

bool has(const Json& spec, const char* name) {
  return !member(spec, name).is_null();
}

void check_limit(const Json& spec, const char* name, std::int64_t limit, const std::string& message,
                 FieldErrors& errors) {
  if (number_at(spec, name) <= limit) return;
  errors.push_back(api::field::invalid(std::string("spec.") + name, number_at(spec, name), message));
}

void validate_many(const Json& spec, FieldErrors& errors) {
  if (number_at(spec, "completions") <= kManyIndexes || !has(spec, "backoffLimitPerIndex")) return;
  if (!has(spec, "maxFailedIndexes")) {
    errors.push_back(api::field::required("spec.maxFailedIndexes",
                                          fmt::format("must be specified when completions is above {}", kManyIndexes)));
  }
  auto message = fmt::format(
      "must be less than or equal to {} when completions are above {} and used with backoff limit per index",
      kLimitOfMany, kManyIndexes);
  check_limit(spec, "parallelism", kLimitOfMany, message, errors);
  check_limit(spec, "maxFailedIndexes", kLimitOfMany, message, errors);
}

void validate_indexed(const Json& spec, FieldErrors& errors) {
  if (!has(spec, "completions")) {
    errors.push_back(api::field::required("spec.completions", "when completion mode is Indexed"));
  }
  auto limit = fmt::format("must be less than or equal to {}", kManyIndexes);
  check_limit(spec, "parallelism", kManyIndexes, limit + " when completion mode is Indexed", errors);
  if (has(spec, "completions") && has(spec, "maxFailedIndexes")) {
    check_limit(spec, "maxFailedIndexes", number_at(spec, "completions"), "must be less than or equal to completions",
                errors);
  }
  check_limit(spec, "maxFailedIndexes", kManyIndexes, limit, errors);
  validate_many(spec, errors);
}

}  // namespace

void validate_job_indexes(const Json& spec, FieldErrors& errors) {
  auto mode = text_at(spec, "completionMode");
  if (is_indexed_job(spec)) return validate_indexed(spec, errors);
  if (!mode.empty()) check_one_of(mode, {"NonIndexed", "Indexed"}, "spec.completionMode", errors);
  if (!mode.empty() && mode != "NonIndexed") return;
  for (const char* name : {"backoffLimitPerIndex", "maxFailedIndexes"}) {
    if (!has(spec, name)) continue;
    errors.push_back(
        api::field::invalid(std::string("spec.") + name, member(spec, name), "requires indexed completion mode"));
  }
}

}  // namespace kubeloop::apiserver
