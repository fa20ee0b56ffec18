#include "libs/api/views/selector.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace kubeloop::api {
namespace {

// "" for an operator that does not exist.
std::string expression_text(const SelectorExpression& expression) {
  auto values = expression.values;
  std::ranges::sort(values);
  if (expression.operator_ == "In") return fmt::format("{} in ({})", expression.key, fmt::join(values, ","));
  if (expression.operator_ == "NotIn") return fmt::format("{} notin ({})", expression.key, fmt::join(values, ","));
  if (expression.operator_ == "Exists") return expression.key;
  if (expression.operator_ == "DoesNotExist") return "!" + expression.key;
  return "";
}

}  // namespace

std::string selector_text(const SelectorSpec& spec) {
  std::vector<std::pair<std::string, std::string>> parts;  // by key
  for (const auto& [key, value] : spec.matchLabels) parts.emplace_back(key, key + "=" + value);
  for (const auto& expression : spec.matchExpressions) parts.emplace_back(expression.key, expression_text(expression));
  std::ranges::sort(parts);
  std::string text;
  for (const auto& [key, part] : parts) {
    if (!text.empty()) text += ',';
    text += part;
  }
  return text;
}

Result<LabelSelector> to_label_selector(const SelectorSpec& spec) {
  for (const auto& expression : spec.matchExpressions) {
    bool has_values = expression.operator_ == "In" || expression.operator_ == "NotIn";
    if (expression_text(expression).empty()) {
      return failure(400, "BadRequest",
                     fmt::format("\"{}\" is not a valid label selector operator", expression.operator_));
    }
    if (has_values == expression.values.empty()) {
      return failure(400, "BadRequest",
                     fmt::format("values of {} do not fit {}", expression.key, expression.operator_));
    }
  }
  return parse_label_selector(selector_text(spec));
}

}  // namespace kubeloop::api
