#include "simulator/sweep/scenario_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// Texts that need no quotes: words that YAML takes for nothing else.
bool is_plain(const std::string& text) {
  static const std::set<std::string> kReserved = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  auto is_inside = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
  };
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return !text.empty() && is_letter(text[0]) && std::ranges::all_of(text, is_inside) && !kReserved.contains(lower);
}

std::string scalar(const std::string& text) {
  if (is_plain(text)) return text;
  std::string quoted = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  // JSON takes a DEL as it is, YAML does not.
  for (auto at = quoted.find('\x7f'); at != std::string::npos; at = quoted.find('\x7f'))
    quoted.replace(at, 1, "\\u007f");
  return quoted;
}

std::string flow(const json& value) {
  if (value.is_object()) {
    std::string out;
    for (const auto& [key, inner] : value.items()) out += (out.empty() ? "" : ", ") + scalar(key) + ": " + flow(inner);
    return "{" + out + "}";
  }
  if (value.is_array()) {
    std::string out;
    for (const auto& inner : value) out += (out.empty() ? "" : ", ") + flow(inner);
    return "[" + out + "]";
  }
  return value.is_string() ? scalar(value.get<std::string>()) : value.dump();
}

// A step is one key, which needs no braces; more beside it do not either.
std::string item(const json& value) {
  if (!value.is_object() || value.size() != 1) return flow(value);
  return scalar(value.begin().key()) + ": " + flow(value.begin().value());
}

void append_member(std::string& out, const std::string& key, const json& value) {
  bool is_list = value.is_array() && !value.empty() && (key == "steps" || key == "faults" || key == "checks");
  if (!is_list) {
    out += "  " + scalar(key) + ": " + flow(value) + "\n";
    return;
  }
  out += "  " + key + ":\n";
  for (const auto& element : value) out += "  - " + item(element) + "\n";
}

}  // namespace

std::string scenario_text(const json& document, const std::string& comment) {
  std::string out;
  std::istringstream lines(comment);
  for (std::string line; std::getline(lines, line);) out += "# " + line + "\n";
  for (const char* key : {"apiVersion", "kind", "metadata"}) {
    if (document.contains(key)) out += std::string(key) + ": " + flow(document[key]) + "\n";
  }
  out += "spec:\n";
  if (!document.contains("spec")) return out;
  const json& spec = document["spec"];
  for (const auto& [key, value] : spec.items()) {
    if (key != "steps" && key != "checks" && key != "faults") append_member(out, key, value);
  }
  for (const char* key : {"faults", "steps", "checks"}) {
    if (spec.contains(key)) append_member(out, key, spec[key]);
  }
  return out;
}

}  // namespace kubeloop::simulator
