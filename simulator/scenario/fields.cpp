#include "simulator/scenario/fields.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::string escape_pointer(const std::string& key) {
  std::string out;
  for (char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

const api::Position* find_position(const api::YamlDocument& document, std::string pointer) {
  for (;;) {
    auto it = document.positions.find(pointer);
    if (it != document.positions.end()) return &it->second;
    if (pointer.empty()) return nullptr;
    pointer.resize(pointer.rfind('/') == std::string::npos ? 0 : pointer.rfind('/'));
  }
}

// "pod/default/web" or "node/node-1".
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

}  // namespace

std::string ObjectPath::text() const {
  return kind + "/" + (namespace_.empty() ? "" : namespace_ + "/") + name;
}

std::string Source::where(const std::string& pointer) const {
  const auto* position = find_position(document, pointer);
  if (!position) return path;
  return path + ":" + std::to_string(position->line) + ":" + std::to_string(position->column);
}

int Source::line(const std::string& pointer) const {
  const auto* position = find_position(document, pointer);
  return position ? position->line : 0;
}

void Source::fail(const std::string& pointer, const std::string& message) {
  if (!error) error = Status(400, "BadRequest", where(pointer) + ": " + message);
}

void Source::fail_key(const std::string& pointer, const std::string& message) {
  auto it = document.key_positions.find(pointer);
  if (error || it == document.key_positions.end()) return fail(pointer, message);
  std::string at = path + ":" + std::to_string(it->second.line) + ":" + std::to_string(it->second.column);
  error = Status(400, "BadRequest", at + ": " + message);
}

Fields::Fields(Source& source, const json& value, std::string pointer, std::string what)
    : source_(source), value_(value), pointer_(std::move(pointer)), what_(std::move(what)) {
  if (!value_.is_object())
    source_.fail(pointer_, what_ + " must be a mapping, it is " + std::string(value_.type_name()));
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

std::string Fields::text(const std::string& key) {
  const json* value = get(key);
  if (!value) return "";
  if (!value->is_string()) {
    source_.fail(pointer(key), "\"" + key + "\" must be a text, it is " + value->type_name());
    return "";
  }
  return value->get<std::string>();
}

std::string Fields::required_text(const std::string& key) {
  if (!has(key)) {
    source_.fail(pointer_, what_ + " needs \"" + key + "\"");
    return "";
  }
  return text(key);
}

std::optional<std::int64_t> Fields::integer(const std::string& key) {
  const json* value = get(key);
  if (!value) return std::nullopt;
  if (!value->is_number_integer()) {
    source_.fail(pointer(key), "\"" + key + "\" must be a whole number, it is " + value->dump());
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

bool Fields::boolean(const std::string& key) {
  const json* value = get(key);
  if (!value) return false;
  if (!value->is_boolean()) {
    source_.fail(pointer(key), "\"" + key + "\" must be true or false, it is " + value->dump());
    return false;
  }
  return value->get<bool>();
}

std::optional<Duration> Fields::duration(const std::string& key) {
  const json* value = get(key);
  if (!value) return std::nullopt;
  auto parsed = value->is_string() ? parse_duration(value->get<std::string>()) : std::nullopt;
  if (!parsed)
    source_.fail(pointer(key), "\"" + key + "\" must be a duration like 500ms, 10s or 1m30s, it is " + value->dump());
  return parsed;
}

Duration Fields::required_duration(const std::string& key) {
  if (!has(key)) source_.fail(pointer_, what_ + " needs \"" + key + "\"");
  return duration(key).value_or(Duration::zero());
}

std::optional<ObjectPath> Fields::object(const std::string& key) {
  std::string value = required_text(key);
  auto path = parse_object_path(value);
  if (!path && !value.empty()) {
    source_.fail(pointer(key),
                 "\"" + value + "\" is no object: write kind/namespace/name, or kind/name for cluster-scoped kinds");
  }
  return path;
}

void Fields::finish() {
  if (!value_.is_object()) return;
  for (const auto& [key, value] : value_.items()) {
    if (known_.contains(key)) continue;
    std::string list;
    for (const auto& name : known_) list += (list.empty() ? "" : ", ") + name;
    source_.fail_key(pointer(key), "unknown key \"" + key + "\" in " + what_ + " (known: " + list + ")");
  }
}

}  // namespace kubeloop::simulator
