// The LabelSelector that stands in a spec (matchLabels and matchExpressions), and how it is matched: as an
// api::LabelSelector. Plain data.
#pragma once
#include "libs/api/selectors/label_selector.hpp"
#include "libs/api/views/meta.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::api {

struct SelectorExpression {
  std::string key, operator_;
  std::vector<std::string> values;
};
BOOST_DESCRIBE_STRUCT(SelectorExpression, (), (key, operator_, values))

struct SelectorSpec {
  StringMap matchLabels;
  std::vector<SelectorExpression> matchExpressions;

  bool is_empty() const { return matchLabels.empty() && matchExpressions.empty(); }
};
BOOST_DESCRIBE_STRUCT(SelectorSpec, (), (matchLabels, matchExpressions))

// An empty spec matches everything: callers for whom it means nothing ask is_empty() first. 400 for an operator that
// does not exist or values that do not fit it. Source: metav1.LabelSelectorAsSelector.
Result<LabelSelector> to_label_selector(const SelectorSpec& spec);

// "app=web,tier in (a,b)": as it stands in a query and in a Scale's status. Source: metav1.FormatLabelSelector.
std::string selector_text(const SelectorSpec& spec);

}  // namespace kubeloop::api
