#include "apiserver/strategies/label_selector_validation.hpp"

namespace kubeloop::apiserver {
namespace {

void add(FieldErrors& errors, const std::string& path, const std::string& value, const api::Messages& messages) {
  for (auto& cause : api::field::invalid_each(path, value, messages)) errors.push_back(std::move(cause));
}

void validate_expression(const Json& expression, const std::string& path, FieldErrors& errors) {
  auto op = text_at(expression, "operator");
  const auto& values = member(expression, "values");
  if (op == "In" || op == "NotIn") {
    if (values.empty()) {
      errors.push_back(api::field::required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (!values.empty()) {
      errors.push_back(api::field::forbidden(path + ".values",
                                             "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else {
    errors.push_back(api::field::invalid(path + ".operator", op, "not a valid selector operator"));
  }
  auto key = text_at(expression, "key");
  add(errors, path + ".key", key, api::check_qualified_name(key));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_string()) continue;
    auto value = values[i].get<std::string>();
    add(errors, path + ".values[" + std::to_string(i) + "]", value, api::check_label_value(value));
  }
}

}  // namespace

void validate_label_selector(const Json& selector, const std::string& path, FieldErrors& errors) {
  for (const auto& [key, value] : member(selector, "matchLabels").items()) {
    add(errors, path + ".matchLabels", key, api::check_qualified_name(key));
    auto text = value.is_string() ? value.get<std::string>() : std::string();
    add(errors, path + ".matchLabels", text, api::check_label_value(text));
  }
  const auto& expressions = member(selector, "matchExpressions");
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    validate_expression(expressions[i], path + ".matchExpressions[" + std::to_string(i) + "]", errors);
  }
}

}  // namespace kubeloop::apiserver
