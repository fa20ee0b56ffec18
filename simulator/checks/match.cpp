#include "simulator/checks/match.hpp"

#include <nlohmann/json.hpp>

#include "simulator/checks/match_operators.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::string match_list(const json& document, const json& pattern, const std::string& path) {
  std::size_t at = 0;
  for (const auto& wanted : pattern) {
    std::string problem;
    bool is_found = false;
    while (at < document.size() && !is_found) {
      problem = match_partially(document[at], wanted, path + "[" + std::to_string(at) + "]");
      is_found = problem.empty();
      ++at;
    }
    if (is_found) continue;
    std::string text = path + " has no element like " + wanted.dump();
    return document.size() == 1 ? text + " (" + problem + ")" : text;
  }
  return "";
}

void add_term(std::string& text, const std::string& term) {
  if (!text.empty()) text += ", ";
  text += term;
}

void describe_into(std::string& text, const json& pattern, const std::string& path) {
  if (is_operator(pattern)) {
    add_term(text, path + (path.empty() ? "" : " ") + describe_operator(pattern));
  } else if (pattern.is_object() && !pattern.empty()) {
    for (const auto& [key, value] : pattern.items()) {
      // A key with dots of its own, as labels and annotations have, is set apart.
      std::string part = key.find('.') == std::string::npos ? key : "\"" + key + "\"";
      describe_into(text, value, path.empty() ? part : path + "." + part);
    }
  } else if (pattern.is_array() && !pattern.empty()) {
    for (const auto& element : pattern) {
      std::string inner;
      describe_into(inner, element, "");
      add_term(text, path + "[" + (inner.starts_with('=') ? inner.substr(1) : inner) + "]");
    }
  } else if (pattern.is_null()) {
    add_term(text, path + " unset");
  } else {
    bool is_text = pattern.is_string() && !pattern.get_ref<const std::string&>().empty();
    add_term(text, path + "=" + (is_text ? pattern.get<std::string>() : pattern.dump()));
  }
}

std::string match_members(const json& document, const json& pattern, const std::string& path) {
  for (const auto& [key, value] : pattern.items()) {
    std::string inner = path.empty() ? key : path + "." + key;
    auto it = document.find(key);
    std::string problem;
    if (it != document.end()) {
      problem = match_partially(*it, value, inner);
    } else if (is_operator(value)) {
      problem = match_operator(nullptr, value, inner);
    } else if (!value.is_null()) {  // null asks for absence
      problem = inner + " is not set, expected " + value.dump();
    }
    if (!problem.empty()) return problem;
  }
  return "";
}

}  // namespace

std::string describe_pattern(const json& pattern) {
  std::string text;
  describe_into(text, pattern, "");
  return text;
}

std::string match_partially(const json& document, const json& pattern, const std::string& path) {
  if (is_operator(pattern)) return match_operator(&document, pattern, path);
  if (pattern.is_object()) {
    if (!document.is_object()) return path + " is " + document.dump() + ", expected an object";
    return match_members(document, pattern, path);
  }
  if (pattern.is_array()) {
    if (!document.is_array()) return path + " is " + document.dump() + ", expected a list";
    return match_list(document, pattern, path);
  }
  if (document == pattern) return "";
  return path + " is " + document.dump() + ", expected " + pattern.dump();
}

}  // namespace kubeloop::simulator
