// A label selector as it stands in a query string: "app=web,tier in (a,b),!debug". Parsed once, then matched many
// times; a plain value. All requirements must hold; a selector without any matches everything. Source: apimachinery
// labels.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/result.hpp"

namespace kubeloop::api {

enum class LabelOperator : std::uint8_t {
  kIn,     // also = and ==
  kNotIn,  // also !=; holds where the key is absent
  kExists,
  kDoesNotExist,
  kGreaterThan,  // both sides whole numbers
  kLessThan,
};

struct LabelRequirement {
  std::string key;
  LabelOperator op = LabelOperator::kExists;
  std::vector<std::string> values;  // sorted, without repeats
  std::int64_t number = 0;          // of kGreaterThan and kLessThan

  // `value` is null where the label is absent.
  bool matches(const std::string* value) const;
};

class LabelSelector {
 public:
  // Matches everything.
  LabelSelector() = default;

  bool matches(const std::vector<std::pair<std::string, std::string>>& sorted) const;
  bool matches(const std::map<std::string, std::string>& labels) const;
  bool is_everything() const { return requirements_.empty(); }
  // In order of their keys.
  const std::vector<LabelRequirement>& requirements() const { return requirements_; }

 private:
  friend Result<LabelSelector> parse_label_selector(std::string_view text);
  std::vector<LabelRequirement> requirements_;
};

// The error is a 400 with Kubernetes' message: "unable to parse requirement: ...", "found 'x', expected: ...".
Result<LabelSelector> parse_label_selector(std::string_view text);

}  // namespace kubeloop::api
