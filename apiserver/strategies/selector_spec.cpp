#include "apiserver/strategies/selector_spec.hpp"

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

api::SelectorSpec read_selector_spec(const Json& selector) {
  api::SelectorSpec spec;
  for (const auto& [key, value] : member(selector, "matchLabels").items()) {
    if (value.is_string()) spec.matchLabels.emplace(key, value.get<std::string>());
  }
  for (const auto& one : member(selector, "matchExpressions")) {
    api::SelectorExpression expression;
    expression.key = text_at(one, "key");
    expression.operator_ = text_at(one, "operator");
    for (const auto& value : member(one, "values")) {
      if (value.is_string()) expression.values.push_back(value.get<std::string>());
    }
    spec.matchExpressions.push_back(std::move(expression));
  }
  return spec;
}

}  // namespace kubeloop::apiserver
