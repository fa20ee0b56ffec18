#include "simulator/scenario/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/fields.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr const char* kMatrix = "/spec/matrix";

using Values = std::map<std::string, json>;  // one for each parameter

bool is_parameter_name(const std::string& name) {
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || name.size() > 63 || !is_letter(name[0])) return false;
  return std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_scalar(const json& value) {
  return value.is_primitive() && !value.is_null();
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// As it would be read in the file: 3 is a number, "3" a text.
json typed(const std::string& text) {
  auto documents = api::parse_yaml(text, "--set");
  bool is_one = documents && documents->size() == 1 && is_scalar((*documents)[0].value);
  return is_one ? (*documents)[0].value : json(text);
}

// The matrix, with what is fixed; nothing when something is wrong with it.
std::map<std::string, std::vector<json>> read_matrix(Source& source, const json& matrix, const Settings& settings) {
  std::map<std::string, std::vector<json>> parameters;
  if (!matrix.is_object() || matrix.empty()) {
    source.fail("KL103", kMatrix, "\"matrix\" is a mapping of parameters, each with a list of values");
    return {};
  }
  if (matrix.size() > kMaxParameters) {
    source.fail("KL105", kMatrix, fmt::format("\"matrix\" has more than {} parameters", kMaxParameters));
    return {};
  }
  std::size_t combinations = 1;
  for (const auto& [name, values] : matrix.items()) {
    std::string pointer = std::string(kMatrix) + "/" + escape_pointer(name);
    if (!is_parameter_name(name)) {
      source.fail_key(pointer, "\"" + name + "\" is no name for a parameter: letters, digits, - and _");
      return {};
    }
    bool is_list = values.is_array() && !values.empty() && std::ranges::all_of(values, is_scalar);
    if (!is_list) {
      source.fail("KL103", pointer, "\"" + name + "\" needs a list of values: texts, numbers, true or false");
      return {};
    }
    auto fixed = settings.find(name);
    auto& own = parameters[name];
    if (fixed != settings.end()) {
      own.push_back(typed(fixed->second));
    } else {
      own.assign(values.begin(), values.end());
    }
    combinations *= own.size();
    if (combinations > kMaxCombinations) {
      source.fail("KL105", kMatrix, fmt::format("\"matrix\" has more than {} combinations", kMaxCombinations));
      return {};
    }
  }
  return parameters;
}

class Substitution {
 public:
  Substitution(Source& source, const Values& values) : source_(source), values_(values) {}

  void run(json& value, const std::string& pointer) {
    if (value.is_string()) {
      value = replaced(value.get_ref<const std::string&>(), pointer);
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) run(value[i], pointer + "/" + std::to_string(i));
    } else if (value.is_object()) {
      for (auto& [key, inner] : value.items()) {
        std::string at = pointer + "/" + escape_pointer(key);
        if (at != kMatrix) run(inner, at);
      }
    }
  }

 private:
  // The value itself when the text is one parameter and nothing else.
  json replaced(const std::string& text, const std::string& pointer) {
    std::string out;
    std::size_t at = 0;
    for (;;) {
      auto begin = text.find("${", at);
      if (begin == std::string::npos) return out + text.substr(at);
      if (begin > at && text[begin - 1] == '$') {  // $${ is ${
        out += text.substr(at, begin - 1 - at) + "${";
        at = begin + 2;
        continue;
      }
      auto end = text.find('}', begin);
      std::string name = end == std::string::npos ? "" : text.substr(begin + 2, end - begin - 2);
      auto found = values_.find(name);
      if (found == values_.end()) {
        fail(pointer, name);
        return text;
      }
      if (begin == 0 && end + 1 == text.size()) return found->second;
      out += text.substr(at, begin - at) + text_of(found->second);
      at = end + 1;
    }
  }

  void fail(const std::string& pointer, const std::string& name) {
    std::vector<std::string> names;
    std::string known;
    for (const auto& [one, value] : values_) {
      names.push_back(one);
      known += (known.empty() ? "" : ", ") + one;
    }
    std::string meant = did_you_mean(name, names);
    source_.fail("KL308", pointer, "${" + name + "} is no parameter of the matrix",
                 meant.empty() ? "the parameters are " + known + "; write $${ where ${ is meant" : meant);
  }

  Source& source_;
  const Values& values_;
};

}  // namespace

std::vector<Combination> expand_matrix(Source& source, const Settings& settings) {
  const json& root = source.document.value;
  std::vector<Combination> combinations;
  auto spec = root.is_object() ? root.find("spec") : root.end();
  bool has_matrix = root.is_object() && spec != root.end() && spec->is_object() && spec->contains("matrix");
  if (!has_matrix) {
    combinations.push_back({source.document, {}});
    return combinations;
  }
  auto parameters = read_matrix(source, (*spec)["matrix"], settings);
  if (parameters.empty()) return combinations;
  std::size_t count = 1;
  for (const auto& [name, values] : parameters) count *= values.size();
  if (count * source.document.positions.size() > kMaxCombinedValues) {
    source.fail("KL105", kMatrix, fmt::format("{} combinations of so large a file are too many", count));
    return combinations;
  }
  for (std::size_t number = 0; number < count; ++number) {
    Values chosen;
    std::size_t rest = number;
    for (auto it = parameters.rbegin(); it != parameters.rend(); ++it) {
      chosen[it->first] = it->second[rest % it->second.size()];
      rest /= it->second.size();
    }
    Combination combination{source.document, {}};
    for (const auto& [name, value] : chosen) combination.parameters.emplace_back(name, text_of(value));
    Substitution(source, chosen).run(combination.document.value, "");
    if (source.has_error()) return {};
    combinations.push_back(std::move(combination));
  }
  return combinations;
}

std::string name_with_parameters(const std::string& name,
                                 const std::vector<std::pair<std::string, std::string>>& parameters) {
  if (parameters.empty()) return name;
  std::string text;
  for (const auto& [key, value] : parameters) text += (text.empty() ? "" : ",") + key + "=" + value;
  return name + "[" + text + "]";
}

}  // namespace kubeloop::simulator
