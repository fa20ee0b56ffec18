#include "simulator/scenario/object_template.hpp"

#include <algorithm>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::string_view kNumber = "{i}";

std::unexpected<Status> bad(const std::string& message) {
  return failure(400, "BadRequest", message);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

json numbered_value(const json& value, std::int64_t number) {
  if (value.is_string()) return numbered(value.get<std::string>(), number);
  if (!value.is_structured()) return value;
  json out = value;
  for (auto& part : out) part = numbered_value(part, number);
  return out;
}

// Goes one step, making what is missing; null when that cannot be.
json* step_into(json& at, const std::variant<std::string, std::size_t>& part) {
  if (const auto* key = std::get_if<std::string>(&part)) {
    if (at.is_null()) at = json::object();
    return at.is_object() ? &at[*key] : nullptr;
  }
  std::size_t index = std::get<std::size_t>(part);
  if (at.is_null()) at = json::array();
  if (!at.is_array() || index > at.size()) return nullptr;
  if (index == at.size()) at.push_back(nullptr);
  return &at[index];
}

}  // namespace

Result<FieldPath> parse_field_path(std::string_view text) {
  FieldPath path;
  std::string_view rest = text;
  while (!rest.empty()) {
    if (rest.front() == '[') {
      auto end = rest.find(']');
      if (end == std::string_view::npos || end == 1) return bad("\"[\" is not closed, or nothing stands in it");
      auto inner = rest.substr(1, end - 1);
      if (is_number(inner)) {
        auto index = static_cast<std::size_t>(std::stoi(std::string(inner)));
        if (index > kMaxListIndex) return bad("a list has at most 1000 elements here");
        path.emplace_back(index);
      } else {
        path.emplace_back(std::string(inner));
      }
      rest.remove_prefix(end + 1);
      if (!rest.empty() && rest.front() != '.' && rest.front() != '[') return bad("after \"]\" comes \".\" or \"[\"");
    } else {
      auto end = std::min(rest.find_first_of(".["), rest.size());
      if (end == 0) return bad("a part of it is empty");
      path.emplace_back(std::string(rest.substr(0, end)));
      rest.remove_prefix(end);
    }
    if (!rest.empty() && rest.front() == '.') {
      rest.remove_prefix(1);
      if (rest.empty() || rest.front() == '.' || rest.front() == '[') return bad("a part of it is empty");
    }
    if (path.size() > kMaxPathParts) return bad("it has more than 32 parts");
  }
  if (path.empty()) return bad("it is empty");
  return path;
}

Result<void> set_field(json& object, const FieldPath& path, json value) {
  json* at = &object;
  for (const auto& part : path) {
    at = step_into(*at, part);
    if (!at) {
      const auto* key = std::get_if<std::string>(&part);
      return bad(key ? "\"" + *key + "\" would stand in something that is no mapping"
                     : "there is no element " + std::to_string(std::get<std::size_t>(part)) + " in that list");
    }
  }
  *at = std::move(value);
  return {};
}

std::string numbered(std::string_view text, std::int64_t number) {
  std::string out;
  for (;;) {
    auto at = text.find(kNumber);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += std::to_string(number);
    text.remove_prefix(at + kNumber.size());
  }
}

Result<json> make_object(const ObjectTemplate& source, std::int64_t number) {
  json object = source.manifest;
  object["metadata"]["name"] = numbered(source.name, number);
  if (!source.namespace_.empty()) object["metadata"]["namespace"] = source.namespace_;
  for (const auto& change : source.overrides) {
    auto set = set_field(object, change.path, numbered_value(change.value, number));
    if (!set) return std::unexpected(set.error());
  }
  return object;
}

}  // namespace kubeloop::simulator
