// The spec of a job as a whole: generated labels, counts, restart policy.
#include "apiserver/strategies/job_validation.hpp"

#include <algorithm>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/label_selector_validation.hpp"
#include "apiserver/strategies/pod_template.hpp"

namespace kubeloop::apiserver {
namespace {

void check_label(const Json& labels, const std::string& key, const std::string& expected, FieldErrors& errors) {
  auto path = "spec.template.metadata.labels[" + key + "]";
  auto must_be = "must be '" + expected + "'";
  const auto& actual = member(labels, key);
  if (actual.is_null()) {
    errors.push_back(api::field::required(path, must_be));
  } else if (actual != expected) {
    errors.push_back(api::field::invalid(path, labels, must_be));
  }
}

// Labels and selector that the server generates must be there as generated: a writer's own would select other pods.
void validate_generated_labels(const Json& job, FieldErrors& errors) {
  const auto& spec = member(job, "spec");
  const auto& selector = member(spec, "selector");
  if (member(spec, "manualSelector") == true || selector.is_null()) return;
  auto uid = text_at(member(job, "metadata"), "uid");
  auto name = text_at(member(job, "metadata"), "name");
  const auto& labels = member(member(member(spec, "template"), "metadata"), "labels");
  Json expected = Json::object();
  for (const char* prefix : {"", "batch.kubernetes.io/"}) {
    for (const auto& [key, value] : {std::pair{"controller-uid", uid}, std::pair{"job-name", name}}) {
      check_label(labels, prefix + std::string(key), value, errors);
      expected[prefix + std::string(key)] = value;
    }
  }
  auto parsed = read_selector(selector);
  if (parsed && !parsed->matches(expected)) {
    errors.push_back(api::field::invalid("spec.selector", selector, "`selector` not auto-generated"));
  }
}

void validate_restart_policy(const Json& spec, FieldErrors& errors) {
  const std::string path = "spec.template.spec.restartPolicy";
  auto policy = text_at(member(member(spec, "template"), "spec"), "restartPolicy");
  if (policy.empty() || policy == "Always") {
    errors.push_back(api::field::required(path, "valid values: \"OnFailure\", \"Never\""));
  } else if (policy != "OnFailure" && policy != "Never") {
    errors.push_back(api::field::not_supported(path, policy, {"Never", "OnFailure"}));
  } else if (policy != "Never" && !member(spec, "podFailurePolicy").is_null()) {
    errors.push_back(
        api::field::invalid(path, policy, "only \"Never\" is supported when podFailurePolicy is specified"));
  }
}

bool is_path_character(unsigned char c) {
  return std::isalnum(c) != 0 || std::string_view("/-._~%!$&'()*+,;=:").contains(static_cast<char>(c));
}

// acme.io/foo
void validate_manager(const Json& value, FieldErrors& errors) {
  constexpr std::size_t kMaxLength = 63;
  const std::string path = "spec.managedBy";
  if (!value.is_string()) return;
  auto text = value.get<std::string>();
  auto slash = text.find('/');
  if (text.empty()) {
    errors.push_back(api::field::required(path));
  } else if (slash == std::string::npos || slash == 0 || slash + 1 == text.size()) {
    errors.push_back(api::field::invalid(path, text, "must be a domain-prefixed path (such as \"acme.io/foo\")"));
  } else {
    auto host = text.substr(0, slash), rest = text.substr(slash + 1);
    add_errors(errors, path, host, api::check_dns1123_subdomain(host));
    if (!std::ranges::all_of(rest, is_path_character)) {
      errors.push_back(api::field::invalid(
          path, rest, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"));
    }
  }
  if (text.size() > kMaxLength) errors.push_back(api::field::too_long(path, kMaxLength));
}

void validate_replacement(const Json& spec, FieldErrors& errors) {
  const auto& policy = member(spec, "podReplacementPolicy");
  if (!policy.is_string()) return;
  std::vector<std::string> allowed{"Failed"};
  if (member(spec, "podFailurePolicy").is_null()) allowed.emplace_back("TerminatingOrFailed");
  check_one_of(policy.get<std::string>(), allowed, "spec.podReplacementPolicy", errors);
}

void validate_counts(const Json& spec, FieldErrors& errors) {
  for (const char* name : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
                           "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"}) {
    check_not_negative(spec, name, "spec", errors);
  }
  if (!member(spec, "maxFailedIndexes").is_null() && member(spec, "backoffLimitPerIndex").is_null()) {
    errors.push_back(api::field::required("spec.backoffLimitPerIndex", "when maxFailedIndexes is specified"));
  }
}

void validate_selector(const Json& spec, FieldErrors& errors) {
  const auto& selector = member(spec, "selector");
  if (selector.is_null()) errors.push_back(api::field::required("spec.selector"));
  validate_label_selector(selector, "spec.selector", errors);
  auto parsed = read_selector(selector);
  const auto& labels = member(member(member(spec, "template"), "metadata"), "labels");
  if (parsed && !parsed->matches(labels)) {
    errors.push_back(
        api::field::invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  }
}

// The pods of an Indexed job get the index behind the job's name as their host name.
void validate_host_names(const Json& job, FieldErrors& errors) {
  const auto& spec = member(job, "spec");
  const auto& completions = member(spec, "completions");
  if (!is_indexed_job(spec) || !completions.is_number_integer() || completions.get<std::int64_t>() <= 0) return;
  auto name = text_at(member(job, "metadata"), "name");
  auto last = name + "-" + std::to_string(completions.get<std::int64_t>() - 1);
  if (api::check_dns1123_label(last).empty()) return;
  errors.push_back(
      api::field::invalid("metadata.name", name, "will not able to create pod with invalid DNS label: " + last));
}

}  // namespace

bool is_indexed_job(const Json& spec) {
  return text_at(spec, "completionMode") == "Indexed";
}

void validate_job(const Json& job, FieldErrors& errors) {
  const auto& spec = member(job, "spec");
  validate_generated_labels(job, errors);
  validate_counts(spec, errors);
  validate_manager(member(spec, "managedBy"), errors);
  validate_job_indexes(spec, errors);
  validate_pod_failure_policy(spec, errors);
  validate_success_policy(spec, errors);
  validate_replacement(spec, errors);
  validate_pod_template(member(spec, "template"), "spec.template", errors);
  validate_restart_policy(spec, errors);
  validate_selector(spec, errors);
  validate_host_names(job, errors);
}

}  // namespace kubeloop::apiserver
