#include "simulator/scenario/fields.hpp"

#include <fmt/format.h>

#include <cmath>

#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/lint/meant.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxShown = 60;

std::string type_of(const json& value) {
  if (value.is_object()) return "a mapping";
  if (value.is_array()) return "a list";
  if (value.is_null()) return "empty";
  return shown(value);
}

}  // namespace

std::string shown(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() <= kMaxShown) return text;
  std::size_t end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::optional<ObjectPath> parse_object_path(const std::string& text) {
  ObjectPath path;
  auto first = text.find('/');
  if (first == std::string::npos || first == 0) return std::nullopt;
  path.kind = text.substr(0, first);
  std::string rest = text.substr(first + 1);
  auto second = rest.find('/');
  if (second != std::string::npos) {
    path.namespace_ = rest.substr(0, second);
    path.name = rest.substr(second + 1);
    if (path.namespace_.empty() || path.name.find('/') != std::string::npos) return std::nullopt;
  } else {
    path.name = rest;
  }
  if (path.name.empty()) return std::nullopt;
  return path;
}

std::optional<Duration> read_duration(Source& source, const json& value, const std::string& pointer,
                                      const std::string& what) {
  auto parsed = value.is_string() ? parse_duration(value.get<std::string>()) : std::nullopt;
  if (!parsed) {
    source.fail("KL104", pointer, what + " must be a duration like 500ms, 10s or 1m30s, it is " + type_of(value),
                meant_duration(value));
  }
  return parsed;
}

std::string ObjectPath::text() const {
  return kind + "/" + (namespace_.empty() ? "" : namespace_ + "/") + name;
}

Fields::Fields(Source& source, const json& value, std::string pointer, std::string what)
    : source_(source), value_(value), pointer_(std::move(pointer)), what_(std::move(what)) {
  if (!value_.is_object()) source_.fail("KL103", pointer_, what_ + " must be a mapping, it is " + type_of(value_));
}

std::string Fields::pointer(const std::string& key) const {
  return pointer_ + "/" + escape_pointer(key);
}

const json* Fields::get(const std::string& key) {
  known_.insert(key);
  if (!value_.is_object()) return nullptr;
  auto it = value_.find(key);
  return it == value_.end() ? nullptr : &*it;
}

bool Fields::has(const std::string& key) {
  return get(key) != nullptr;
}

void Fields::require(const std::string& key) {
  if (!has(key)) source_.fail("KL102", pointer_, what_ + " needs \"" + key + "\"");
}

std::string Fields::text(const std::string& key) {
  const json* value = get(key);
  if (!value) return "";
  if (!value->is_string()) {
    bool is_scalar = value->is_number() || value->is_boolean();
    source_.fail("KL103", pointer(key), "\"" + key + "\" must be a text, it is " + type_of(*value),
                 is_scalar ? "\"" + value->dump() + "\"" : "");
    return "";
  }
  return value->get<std::string>();
}

std::string Fields::required_text(const std::string& key) {
  require(key);
  std::string value = text(key);
  if (value.empty()) source_.fail("KL100", pointer(key), "\"" + key + "\" must not be empty");
  return value;
}

std::string Fields::one_of(const std::string& key, const std::vector<std::string>& choices) {
  std::string value = text(key);
  bool is_known = false;
  for (const auto& choice : choices) is_known = is_known || choice == value;
  if (is_known || !has(key)) return value;
  source_.fail("KL106", pointer(key),
               fmt::format("\"{}\" is one of {}, it is \"{}\"", key, fmt::join(choices, ", "), value),
               did_you_mean(value, choices));
  return "";
}

std::optional<std::int64_t> Fields::integer(const std::string& key) {
  const json* value = get(key);
  if (!value) return std::nullopt;
  bool is_huge = value->is_number_float() && std::abs(value->get<double>()) >= 9e18;
  if (!value->is_number_integer() && !is_huge) {
    source_.fail("KL103", pointer(key), "\"" + key + "\" must be a whole number, it is " + type_of(*value),
                 meant_integer(*value));
    return std::nullopt;
  }
  bool is_too_large = value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX;
  if (is_huge || is_too_large) {
    source_.fail("KL105", pointer(key), "\"" + key + "\" is too large, it is " + shown(*value));
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

std::optional<std::int64_t> Fields::integer(const std::string& key, std::int64_t min, std::int64_t max) {
  auto value = integer(key);
  if (!value || (*value >= min && *value <= max)) return value;
  std::string range = max == INT64_MAX ? fmt::format("{} or more", min) : fmt::format("between {} and {}", min, max);
  source_.fail("KL105", pointer(key), fmt::format("\"{}\" must be {}, it is {}", key, range, *value));
  return std::nullopt;
}

std::optional<double> Fields::number(const std::string& key) {
  const json* value = get(key);
  if (!value) return std::nullopt;
  if (!value->is_number()) {
    source_.fail("KL103", pointer(key), "\"" + key + "\" must be a number, it is " + type_of(*value));
    return std::nullopt;
  }
  return value->get<double>();
}

bool Fields::boolean(const std::string& key) {
  const json* value = get(key);
  if (!value) return false;
  if (!value->is_boolean()) {
    source_.fail("KL103", pointer(key), "\"" + key + "\" must be true or false, it is " + type_of(*value),
                 meant_boolean(*value));
    return false;
  }
  return value->get<bool>();
}

std::optional<Duration> Fields::duration(const std::string& key) {
  const json* value = get(key);
  if (!value) return std::nullopt;
  return read_duration(source_, *value, pointer(key), "\"" + key + "\"");
}

Duration Fields::required_duration(const std::string& key) {
  require(key);
  return duration(key).value_or(Duration::zero());
}

std::optional<ObjectPath> Fields::object(const std::string& key) {
  std::string value = required_text(key);
  auto path = parse_object_path(value);
  if (!path && !value.empty()) {
    std::string message = "\"" + value + "\" is no object: write kind/namespace/name, or kind/name";
    source_.fail("KL110", pointer(key), message, meant_object(value));
  }
  return path;
}

void Fields::finish() {
  source_.know(pointer_, what_, known_);
  if (!value_.is_object()) return;
  for (const auto& [key, value] : value_.items()) {
    if (!known_.contains(key)) source_.unknown_key(pointer(key), pointer_, key);
  }
}

}  // namespace kubeloop::simulator
