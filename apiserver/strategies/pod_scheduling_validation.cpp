// Tolerations and node affinity.
#include <charconv>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/label_selector_validation.hpp"
#include "apiserver/strategies/pod_validation.hpp"

namespace kubeloop::apiserver {
namespace {

void validate_toleration(const Json& toleration, const std::string& path, FieldErrors& errors) {
  auto key = text_at(toleration, "key");
  auto op = text_at(toleration, "operator");
  auto value = text_at(toleration, "value");
  auto effect = text_at(toleration, "effect");
  if (!key.empty()) add_errors(errors, path + ".key", key, api::check_qualified_name(key));
  if (key.empty() && op != "Exists") {
    errors.push_back(api::field::invalid(
        path + ".operator", op,
        "operator must be Exists when `key` is empty, which means \"match all values and all keys\""));
  }
  if (!member(toleration, "tolerationSeconds").is_null() && effect != "NoExecute") {
    errors.push_back(
        api::field::invalid(path + ".effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (op == "Exists") {
    if (!value.empty()) {
      errors.push_back(
          api::field::invalid(path + ".operator", toleration, "value must be empty when `operator` is 'Exists'"));
    }
  } else if (op == "Equal" || op.empty()) {
    add_errors(errors, path + ".operator", value, api::check_label_value(value));
  } else {
    errors.push_back(api::field::not_supported(path + ".operator", op, {"Equal", "Exists"}));
  }
  if (!effect.empty()) check_one_of(effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"}, path + ".effect", errors);
}

bool is_integer(const Json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

void validate_requirement(const Json& requirement, const std::string& path, FieldErrors& errors) {
  if (check_set_operator(requirement, path, errors)) return;
  auto op = text_at(requirement, "operator");
  const auto& values = member(requirement, "values");
  if (op == "Gt" || op == "Lt") {
    if (values.size() != 1 || !is_integer(values[0])) {
      errors.push_back(
          api::field::required(path + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'"));
    }
  } else {
    errors.push_back(api::field::invalid(path + ".operator", op, "not a valid selector operator"));
  }
}

void validate_term(const Json& term, const std::string& path, FieldErrors& errors) {
  const auto& expressions = member(term, "matchExpressions");
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    auto at = indexed(path + ".matchExpressions", i);
    validate_requirement(expressions[i], at, errors);
    auto key = text_at(expressions[i], "key");
    add_errors(errors, at + ".key", key, api::check_qualified_name(key));
  }
  const auto& fields = member(term, "matchFields");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto at = indexed(path + ".matchFields", i);
    auto op = text_at(fields[i], "operator");
    if (op != "In" && op != "NotIn") {
      errors.push_back(api::field::invalid(at + ".operator", op, "not a valid selector operator"));
    } else if (member(fields[i], "values").size() != 1) {
      errors.push_back(api::field::required(
          at + ".values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
    }
    auto key = text_at(fields[i], "key");
    if (key != "metadata.name")
      errors.push_back(api::field::invalid(at + ".key", key, "not a valid field selector key"));
  }
}

}  // namespace

void validate_tolerations(const Json& tolerations, const std::string& path, FieldErrors& errors) {
  for (std::size_t i = 0; i < tolerations.size(); ++i) validate_toleration(tolerations[i], indexed(path, i), errors);
}

void validate_affinity(const Json& affinity, const std::string& path, FieldErrors& errors) {
  const auto& node = member(affinity, "nodeAffinity");
  auto required_path = path + ".nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution";
  const auto& required = member(node, "requiredDuringSchedulingIgnoredDuringExecution");
  if (required.is_object()) {
    const auto& terms = member(required, "nodeSelectorTerms");
    if (terms.empty()) {
      errors.push_back(
          api::field::required(required_path + ".nodeSelectorTerms", "must have at least one node selector term"));
    }
    for (std::size_t i = 0; i < terms.size(); ++i) {
      validate_term(terms[i], indexed(required_path + ".nodeSelectorTerms", i), errors);
    }
  }
  const auto& preferred = member(node, "preferredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    auto at = indexed(path + ".nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution", i);
    const auto& weight = member(preferred[i], "weight");
    if (!weight.is_number_integer() || weight.get<std::int64_t>() < 1 || weight.get<std::int64_t>() > 100) {
      errors.push_back(api::field::invalid(at + ".weight", weight, "must be in the range 1-100"));
    }
    validate_term(member(preferred[i], "preference"), at + ".preference", errors);
  }
}

}  // namespace kubeloop::apiserver
