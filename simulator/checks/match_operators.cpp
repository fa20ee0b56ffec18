#include "simulator/checks/match_operators.hpp"

#include <algorithm>
#include <compare>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "libs/api/quantity.hpp"
#include "libs/api/time.hpp"
#include "simulator/checks/match.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// std::regex works by recursion: longer texts would cost stack.
constexpr std::size_t kMaxRegexText = 4096;

std::optional<std::regex> compile(const std::string& text) {
  try {
    return std::regex(text, std::regex::ECMAScript);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

std::optional<api::Quantity> quantity_of(const json& value) {
  if (value.is_number()) {
    auto parsed = api::parse_quantity(value.dump());
    return parsed ? std::optional(*parsed) : std::nullopt;
  }
  if (!value.is_string()) return std::nullopt;
  auto parsed = api::parse_quantity(value.get_ref<const std::string&>());
  return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<WallTime> time_of(const json& value) {
  return value.is_string() ? api::parse_time(value.get_ref<const std::string&>()) : std::nullopt;
}

// Nothing when the two cannot be compared.
std::optional<std::strong_ordering> compare(const json& found, const json& wanted) {
  if (found.is_number_integer() && wanted.is_number_integer()) {
    return found.get<std::int64_t>() <=> wanted.get<std::int64_t>();
  }
  auto found_time = time_of(found), wanted_time = time_of(wanted);
  if (found_time && wanted_time) return *found_time <=> *wanted_time;
  auto found_amount = quantity_of(found), wanted_amount = quantity_of(wanted);
  if (found_amount && wanted_amount) return *found_amount <=> *wanted_amount;
  return std::nullopt;
}

bool holds(const std::string& name, std::strong_ordering order) {
  if (name == "$gt") return order > 0;
  if (name == "$gte") return order >= 0;
  return name == "$lt" ? order < 0 : order <= 0;
}

std::string comparison_words(const std::string& name) {
  if (name == "$gt") return "more than ";
  if (name == "$gte") return "at least ";
  return name == "$lt" ? "less than " : "at most ";
}

// `operand` as a pattern for elements: of a list one must match.
bool is_like(const json& element, const json& operand) {
  if (!operand.is_array()) return match_partially(element, operand).empty();
  return std::ranges::any_of(operand, [&](const json& one) { return match_partially(element, one).empty(); });
}

std::string is_expected(const std::string& path, const json& document, const std::string& expected) {
  return path + " is " + document.dump() + ", expected " + expected;
}

std::string match_size(const json& document, const json& operand, const std::string& path) {
  std::int64_t size = document.is_string() ? static_cast<std::int64_t>(document.get_ref<const std::string&>().size())
                                           : static_cast<std::int64_t>(document.size());
  if (document.is_number() || document.is_boolean()) return is_expected(path, document, "something with a size");
  if (passes(size, operand)) return "";
  const char* unit = document.is_string() ? "character" : document.is_object() ? "member" : "element";
  return path + " has " + std::to_string(size) + " " + unit + (size == 1 ? "" : "s") + ", expected " +
         describe_count(operand);
}

std::string match_elements(const std::string& name, const json& document, const json& operand,
                           const std::string& path) {
  if (!document.is_array()) return is_expected(path, document, "a list");
  bool is_any = false;
  for (std::size_t i = 0; i < document.size(); ++i) {
    std::string at = path + "[" + std::to_string(i) + "]";
    bool is_one = is_like(document[i], operand);
    is_any = is_any || is_one;
    if (name == "$none" && is_one) return at + " is like " + operand.dump() + ", expected none";
    if (name != "$all" || is_one) continue;
    return operand.is_array() ? is_expected(at, document[i], "one like one of " + operand.dump())
                              : match_partially(document[i], operand, at);
  }
  if (name == "$any" && !is_any) return path + " has no element like " + operand.dump();
  return "";
}

std::string match_regex(const json& document, const json& operand, const std::string& path) {
  auto expression = operand.is_string() ? compile(operand.get<std::string>()) : std::nullopt;
  if (!document.is_string()) return is_expected(path, document, "a text");
  const auto& text = document.get_ref<const std::string&>();
  if (text.size() > kMaxRegexText) return path + " is longer than " + std::to_string(kMaxRegexText) + " characters";
  if (expression && std::regex_search(text, *expression)) return "";
  return is_expected(path, document, describe_operator(json{{"$regex", operand}}));
}

std::string match_one(const std::string& name, const json& document, const json& operand, const std::string& path) {
  if (name == "$ne") {
    bool is_equal = match_partially(document, operand).empty();
    return is_equal ? is_expected(path, document, "anything else") : "";
  }
  if (name == "$in") {
    if (operand.is_array() && is_like(document, operand)) return "";
    return is_expected(path, document, describe_operator(json{{"$in", operand}}));
  }
  if (name == "$regex") return match_regex(document, operand, path);
  if (name == "$exists") return operand == true ? "" : is_expected(path, document, "nothing there");
  if (name == "$size") return match_size(document, operand, path);
  if (name == "$all" || name == "$any" || name == "$none") return match_elements(name, document, operand, path);
  auto order = compare(document, operand);
  if (!order) return path + " is " + document.dump() + ", which cannot be compared with " + operand.dump();
  return holds(name, *order) ? "" : is_expected(path, document, comparison_words(name) + operand.dump());
}

bool holds_of_nothing(const std::string& name, const json& operand) {
  if (name == "$exists") return operand == false;
  if (name == "$ne") return !operand.is_null();
  return name == "$none" || (name == "$size" && passes(0, operand));
}

std::string describe_one(const std::string& name, const json& operand) {
  auto pattern_words = [&] { return operand.is_string() ? operand.dump() : describe_pattern(operand); };
  if (name == "$ne") return "other than " + operand.dump();
  if (name == "$in") {
    std::string list;
    for (const auto& one : operand) list += (list.empty() ? "" : ", ") + one.dump();
    return "one of " + list;
  }
  if (name == "$regex") return "matching /" + (operand.is_string() ? operand.get<std::string>() : "") + "/";
  if (name == "$exists") return operand == true ? "set" : "unset";
  if (name == "$size") return "of size " + describe_count(operand);
  if (name == "$all") return "with every element like " + pattern_words();
  if (name == "$any") return "with an element like " + pattern_words();
  if (name == "$none") return "with no element like " + pattern_words();
  return comparison_words(name) + operand.dump();
}

std::string check_operand(const std::string& name, const json& operand) {
  if (name == "$exists") return operand.is_boolean() ? "" : "$exists takes true or false, it is " + operand.dump();
  if (name == "$in") return operand.is_array() && !operand.empty() ? "" : "$in takes a list with something in it";
  if (name == "$size") return check_count(operand).empty() ? "" : "$size takes a whole number or operators on it";
  if (name == "$regex") {
    bool is_good = operand.is_string() && compile(operand.get<std::string>());
    return is_good ? "" : operand.dump() + " is no regular expression (ECMAScript)";
  }
  static const std::string kComparisons = " $gt $gte $lt $lte ";
  if (kComparisons.find(" " + name + " ") == std::string::npos) return "";
  bool is_comparable = quantity_of(operand) || time_of(operand);
  return is_comparable ? "" : name + " takes a number, a quantity or a time, it is " + operand.dump();
}

const std::string kNames = "$all, $any, $exists, $gt, $gte, $in, $lt, $lte, $ne, $none, $regex, $size";

bool is_known(const std::string& name) {
  return (", " + kNames + ",").find(", " + name + ",") != std::string::npos;
}

std::optional<PatternProblem> check_member(const std::string& key, const json& value, bool is_operator_map) {
  std::string message;
  if (key.starts_with('$')) {
    if (!is_known(key)) {
      message = "unknown operator \"" + key + "\" (known: " + kNames + ")";
    } else if (!is_operator_map) {
      message = "\"" + key + "\" cannot stand beside plain keys";
    } else {
      message = check_operand(key, value);
    }
  }
  std::string part;
  for (char c : key) part += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  if (!message.empty()) return PatternProblem{"/" + part, message};
  auto inner = check_pattern(value);
  if (inner) inner->pointer = "/" + part + inner->pointer;
  return inner;
}

}  // namespace

bool is_operator(const json& pattern) {
  if (!pattern.is_object() || pattern.empty()) return false;
  for (const auto& [key, value] : pattern.items()) {
    if (!key.starts_with('$')) return false;
  }
  return true;
}

std::string match_operator(const json* document, const json& pattern, const std::string& path) {
  bool is_there = document != nullptr && !document->is_null();
  for (const auto& [name, operand] : pattern.items()) {
    std::string problem;
    if (is_there) {
      problem = match_one(name, *document, operand, path);
    } else if (!holds_of_nothing(name, operand)) {
      problem = path + " is not set, expected " + describe_one(name, operand);
    }
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string describe_operator(const json& pattern) {
  std::string text;
  for (const auto& [name, operand] : pattern.items()) {
    text += (text.empty() ? "" : " and ") + describe_one(name, operand);
  }
  return text;
}

std::optional<PatternProblem> check_pattern(const json& pattern) {
  if (pattern.is_array()) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      auto problem = check_pattern(pattern[i]);
      if (!problem) continue;
      problem->pointer = "/" + std::to_string(i) + problem->pointer;
      return problem;
    }
  }
  if (!pattern.is_object()) return std::nullopt;
  bool is_operator_map = is_operator(pattern);
  for (const auto& [key, value] : pattern.items()) {
    if (auto problem = check_member(key, value, is_operator_map)) return problem;
  }
  return std::nullopt;
}

bool passes(std::int64_t number, const json& test) {
  return match_partially(json(number), test).empty();
}

std::string describe_count(const json& test) {
  return is_operator(test) ? describe_operator(test) : test.dump();
}

std::string check_count(const json& test) {
  if (test.is_number_integer()) return test.get<std::int64_t>() < 0 ? "must not be negative" : "";
  if (!is_operator(test)) return "must be a whole number or operators like {$gte: 3}, it is " + test.dump();
  auto problem = check_pattern(test);
  return problem ? problem->message : "";
}

}  // namespace kubeloop::simulator
