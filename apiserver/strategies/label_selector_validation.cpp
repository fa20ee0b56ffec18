#include "apiserver/strategies/label_selector_validation.hpp"

#include "apiserver/strategies/field_checks.hpp"

namespace kubeloop::apiserver {
namespace {

void validate_expression(const Json& expression, const std::string& path, FieldErrors& errors) {
  if (!check_set_operator(expression, path, errors)) {
    errors.push_back(
        api::field::invalid(path + ".operator", text_at(expression, "operator"), "not a valid selector operator"));
  }
  const auto& values = member(expression, "values");
  auto key = text_at(expression, "key");
  add_errors(errors, path + ".key", key, api::check_qualified_name(key));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_string()) continue;
    auto value = values[i].get<std::string>();
    add_errors(errors, path + ".values[" + std::to_string(i) + "]", value, api::check_label_value(value));
  }
}

}  // namespace

bool check_set_operator(const Json& requirement, const std::string& path, FieldErrors& errors) {
  auto op = text_at(requirement, "operator");
  bool has_values = !member(requirement, "values").empty();
  bool needs_values = op == "In" || op == "NotIn";
  if (!needs_values && op != "Exists" && op != "DoesNotExist") return false;
  if (needs_values && !has_values) {
    errors.push_back(api::field::required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (!needs_values && has_values) {
    errors.push_back(
        api::field::forbidden(path + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  }
  return true;
}

void validate_label_selector(const Json& selector, const std::string& path, FieldErrors& errors) {
  for (const auto& [key, value] : member(selector, "matchLabels").items()) {
    add_errors(errors, path + ".matchLabels", key, api::check_qualified_name(key));
    auto text = value.is_string() ? value.get<std::string>() : std::string();
    add_errors(errors, path + ".matchLabels", text, api::check_label_value(text));
  }
  const auto& expressions = member(selector, "matchExpressions");
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    validate_expression(expressions[i], path + ".matchExpressions[" + std::to_string(i) + "]", errors);
  }
}

}  // namespace kubeloop::apiserver
