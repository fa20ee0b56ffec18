#include "scheduler/framework/node_selector.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace kubeloop::scheduler {
namespace {

std::optional<std::int64_t> to_integer(const std::string& text) {
  std::int64_t value = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (begin != end && *begin == '+' && end - begin > 1 && begin[1] != '-') ++begin;
  auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end || begin == end) return std::nullopt;
  return value;
}

bool contains(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Whether the requirement can be understood at all.
bool is_valid(const api::NodeSelectorRequirement& requirement) {
  const auto& op = requirement.operator_;
  if (op == "In" || op == "NotIn") return !requirement.values.empty();
  if (op == "Exists" || op == "DoesNotExist") return requirement.values.empty();
  if (op == "Gt" || op == "Lt") return requirement.values.size() == 1 && to_integer(requirement.values[0]).has_value();
  return false;
}

bool does_expression_match(const api::NodeSelectorRequirement& requirement, const api::StringMap& labels) {
  const auto& op = requirement.operator_;
  auto label = labels.find(requirement.key);
  bool is_there = label != labels.end();
  if (op == "In") return is_there && contains(requirement.values, label->second);
  if (op == "NotIn") return !is_there || !contains(requirement.values, label->second);
  if (op == "Exists") return is_there;
  if (op == "DoesNotExist") return !is_there;
  if (!is_there) return false;
  auto value = to_integer(label->second);
  auto bound = to_integer(requirement.values[0]);
  if (!value || !bound) return false;
  return op == "Gt" ? *value > *bound : *value < *bound;
}

bool is_valid_field(const api::NodeSelectorRequirement& requirement) {
  bool is_known = requirement.operator_ == "In" || requirement.operator_ == "NotIn";
  return is_known && requirement.values.size() == 1;
}

// Only metadata.name is known; any other field reads as "".
bool does_field_match(const api::NodeSelectorRequirement& requirement, const api::Node& node) {
  bool is_equal = requirement.values[0] == (requirement.key == "metadata.name" ? node.metadata.name : std::string());
  return requirement.operator_ == "In" ? is_equal : !is_equal;
}

}  // namespace

bool does_term_match(const api::NodeSelectorTerm& term, const api::Node& node) {
  if (term.matchExpressions.empty() && term.matchFields.empty()) return false;
  if (!std::all_of(term.matchExpressions.begin(), term.matchExpressions.end(), is_valid)) return false;
  if (!std::all_of(term.matchFields.begin(), term.matchFields.end(), is_valid_field)) return false;
  for (const auto& requirement : term.matchExpressions) {
    if (!does_expression_match(requirement, node.metadata.labels)) return false;
  }
  for (const auto& requirement : term.matchFields) {
    if (!does_field_match(requirement, node)) return false;
  }
  return true;
}

bool does_any_term_match(const std::vector<api::NodeSelectorTerm>& terms, const api::Node& node) {
  return std::any_of(terms.begin(), terms.end(), [&](const auto& term) { return does_term_match(term, node); });
}

const std::vector<api::NodeSelectorTerm>* required_terms(const api::Pod& pod) {
  if (!pod.spec.affinity || !pod.spec.affinity->nodeAffinity) return nullptr;
  const auto& required = pod.spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution;
  return required ? &required->nodeSelectorTerms : nullptr;
}

bool does_node_suit(const api::Pod& pod, const api::Node& node) {
  for (const auto& [key, value] : pod.spec.nodeSelector) {
    auto label = node.metadata.labels.find(key);
    if (label == node.metadata.labels.end() || label->second != value) return false;
  }
  const auto* terms = required_terms(pod);
  return terms == nullptr || does_any_term_match(*terms, node);
}

}  // namespace kubeloop::scheduler
