#include "tests/simulator/json_schema.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;
using Problems = std::vector<std::string>;

bool has_type(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return type == "null" && value.is_null();
}

class Validator {
 public:
  explicit Validator(const json& root) : root_(root) {}

  Problems check(const json& schema, const json& value, const std::string& at) const {
    Problems problems;
    if (schema.is_boolean()) {
      if (schema == false) problems.push_back(at + ": nothing may stand here");
      return problems;
    }
    for (const auto& [keyword, operand] : schema.items()) {
      auto found = check_keyword(schema, keyword, operand, value, at);
      problems.insert(problems.end(), found.begin(), found.end());
    }
    return problems;
  }

 private:
  Problems check_keyword(const json& schema, const std::string& keyword, const json& operand, const json& value,
                         const std::string& at) const {
    static const std::set<std::string> kNotes = {"$schema", "$id", "$defs", "title", "description", "x-kubeloop"};
    if (kNotes.contains(keyword)) return {};
    if (keyword == "$ref") {
      auto path = operand.get<std::string>();
      return check(root_.at(json::json_pointer(path.substr(1))), value, at);
    }
    if (keyword == "anyOf" || keyword == "oneOf") return check_choice(keyword, operand, value, at);
    if (value.is_object()) {
      auto problems = check_object(schema, keyword, operand, value, at);
      if (problems) return *problems;
    }
    if (value.is_array() && keyword == "items") return check_items(operand, value, at);
    return is_met(keyword, operand, value) ? Problems() : Problems{at + ": " + keyword + " " + operand.dump()};
  }

  Problems check_choice(const std::string& keyword, const json& choices, const json& value,
                        const std::string& at) const {
    std::size_t met = 0;
    Problems nearest;
    for (const auto& choice : choices) {
      auto problems = check(choice, value, at);
      if (problems.empty()) ++met;
      // The choice whose required keys are there is the one that was meant.
      bool is_other =
          std::ranges::any_of(problems, [&at](const auto& line) { return line.starts_with(at + ": needs "); });
      if (!is_other && (nearest.empty() || problems.size() < nearest.size())) nearest = problems;
    }
    bool is_met = keyword == "anyOf" ? met > 0 : met == 1;
    if (is_met) return {};
    nearest.insert(nearest.begin(), at + ": " + std::to_string(met) + " of " + keyword);
    return nearest;
  }

  // Nothing when the keyword is no matter of objects.
  std::optional<Problems> check_object(const json& schema, const std::string& keyword, const json& operand,
                                       const json& value, const std::string& at) const {
    Problems problems;
    if (keyword == "required") {
      for (const auto& name : operand) {
        if (!value.contains(name)) problems.push_back(at + ": needs " + name.dump());
      }
      return problems;
    }
    if (keyword != "properties" && keyword != "additionalProperties") return std::nullopt;
    static const json kNone = json::object();
    const json& own = keyword == "properties" ? operand : schema.contains("properties") ? schema["properties"] : kNone;
    for (const auto& [name, inner] : value.items()) {
      bool is_own = own.contains(name);
      if (is_own != (keyword == "properties")) continue;
      auto found = check(is_own ? own[name] : operand, inner, at + "/" + name);
      problems.insert(problems.end(), found.begin(), found.end());
    }
    return problems;
  }

  Problems check_items(const json& schema, const json& value, const std::string& at) const {
    Problems problems;
    for (std::size_t i = 0; i < value.size(); ++i) {
      auto found = check(schema, value[i], at + "/" + std::to_string(i));
      problems.insert(problems.end(), found.begin(), found.end());
    }
    return problems;
  }

  static bool is_met(const std::string& keyword, const json& operand, const json& value) {
    if (keyword == "type") {
      if (operand.is_string()) return has_type(value, operand);
      return std::ranges::any_of(operand, [&value](const json& type) { return has_type(value, type); });
    }
    if (keyword == "const") return value == operand;
    if (keyword == "enum") return std::ranges::find(operand, value) != operand.end();
    if (keyword == "minimum") return !value.is_number() || value.get<double>() >= operand.get<double>();
    if (keyword == "maximum") return !value.is_number() || value.get<double>() <= operand.get<double>();
    if (keyword == "exclusiveMinimum") return !value.is_number() || value.get<double>() > operand.get<double>();
    if (keyword == "minItems") return !value.is_array() || value.size() >= operand.get<std::size_t>();
    if (keyword == "maxItems") return !value.is_array() || value.size() <= operand.get<std::size_t>();
    if (keyword == "minProperties") return !value.is_object() || value.size() >= operand.get<std::size_t>();
    if (keyword == "maxProperties") return !value.is_object() || value.size() <= operand.get<std::size_t>();
    if (keyword == "minLength")
      return !value.is_string() || value.get<std::string>().size() >= operand.get<std::size_t>();
    if (keyword == "maxLength")
      return !value.is_string() || value.get<std::string>().size() <= operand.get<std::size_t>();
    if (keyword == "pattern") {
      return !value.is_string() || std::regex_search(value.get<std::string>(), std::regex(operand.get<std::string>()));
    }
    static const std::set<std::string> kOfOthers = {"properties", "additionalProperties", "required", "items"};
    return kOfOthers.contains(keyword);
  }

  const json& root_;
};

}  // namespace

Problems validate(const json& schema, const json& document) {
  return Validator(schema).check(schema, document, "");
}

}  // namespace kubeloop::simulator
