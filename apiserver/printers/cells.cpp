#include "apiserver/printers/cells.hpp"

#include "libs/api/time.hpp"

namespace kubeloop::apiserver::cells {
namespace {

using nlohmann::json;

const json kNull;

}  // namespace

const json& at(const json& object, Path path) {
  const json* value = &object;
  for (const char* step : path) {
    if (!value->is_object()) return kNull;
    auto found = value->find(step);
    if (found == value->end()) return kNull;
    value = &*found;
  }
  return *value;
}

std::string text(const json& object, Path path) {
  const json& value = at(object, path);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t number(const json& object, Path path) {
  const json& value = at(object, path);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

bool flag(const json& object, Path path) {
  const json& value = at(object, path);
  return value.is_boolean() && value.get<bool>();
}

std::int64_t size(const json& object, Path path) {
  const json& value = at(object, path);
  return value.is_structured() ? static_cast<std::int64_t>(value.size()) : 0;
}

std::string text_or(const json& object, Path path, std::string_view other) {
  std::string value = text(object, path);
  return value.empty() ? std::string(other) : value;
}

std::string since(std::string_view timestamp, WallTime now) {
  auto time = api::parse_time(timestamp);
  return time ? api::human_duration(now - *time) : kUnknown;
}

std::string age(const json& object, WallTime now) {
  return since(text(object, {"metadata", "creationTimestamp"}), now);
}

std::string name(const json& object) {
  return text(object, {"metadata", "name"});
}

const json& condition(const json& object, std::string_view type) {
  for (const auto& condition : at(object, {"status", "conditions"})) {
    const json& found = at(condition, {"type"});
    if (found.is_string() && found.get_ref<const std::string&>() == type) return condition;
  }
  return kNull;
}

bool is_true(const json& object, std::string_view type) {
  return text(condition(object, type), {"status"}) == "True";
}

}  // namespace kubeloop::apiserver::cells
