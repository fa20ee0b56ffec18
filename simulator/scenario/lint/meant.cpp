#include "simulator/scenario/lint/meant.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <set>

#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool is_digits(const std::string& text) {
  return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
}

// "min", "minutes", "secs" as Go writes them; "" for other words.
std::string unit_of(const std::string& word) {
  static const std::vector<std::pair<std::string, std::set<std::string>>> kUnits = {
      {"ms", {"ms", "msec", "msecs", "milli", "millis", "millisecond", "milliseconds"}},
      {"s", {"s", "sec", "secs", "second", "seconds"}},
      {"m", {"m", "min", "mins", "minute", "minutes"}},
      {"h", {"h", "hr", "hrs", "hour", "hours"}}};
  for (const auto& [unit, words] : kUnits) {
    if (words.contains(word)) return unit;
  }
  return "";
}

}  // namespace

std::string meant_duration(const json& value) {
  if (value.is_number_integer()) {
    std::string text = value.dump();
    if (text.starts_with('-')) text.erase(0, 1);
    return is_digits(text) ? text + "s" : "";
  }
  if (!value.is_string()) return "";
  std::string text = lower(value.get<std::string>());
  std::erase(text, ' ');
  if (text.starts_with('-')) text.erase(0, 1);
  if (is_digits(text)) return text + "s";
  auto letters = text.find_first_not_of("0123456789.");
  if (letters == std::string::npos || letters == 0) return "";
  std::string number = text.substr(0, letters);
  std::string unit = unit_of(text.substr(letters));
  if (text.substr(letters) == "d" && is_digits(number)) return std::to_string(std::stol(number) * 24) + "h";
  if (!unit.empty()) return parse_duration(number + unit) ? number + unit : "";
  return parse_duration(text) ? text : "";
}

std::string meant_integer(const json& value) {
  if (value.is_string() && is_digits(value.get<std::string>())) return value.get<std::string>();
  if (!value.is_number_float()) return "";
  double number = value.get<double>();
  bool is_whole = number >= -1e9 && number <= 1e9 && number == static_cast<double>(static_cast<std::int64_t>(number));
  return is_whole ? std::to_string(static_cast<std::int64_t>(number)) : "";
}

std::string meant_boolean(const json& value) {
  if (value == 1) return "true";
  if (value == 0) return "false";
  if (!value.is_string()) return "";
  std::string text = lower(value.get<std::string>());
  if (text == "true" || text == "yes" || text == "on" || text == "y") return "true";
  if (text == "false" || text == "no" || text == "off" || text == "n") return "false";
  return "";
}

const api::KindInfo* find_served_kind(const std::string& word) {
  std::string wanted = lower(word);
  for (const auto& info : api::Schema::builtin().kinds()) {
    if (!info->is_served) continue;
    bool is_short = std::ranges::find(info->short_names, wanted) != info->short_names.end();
    if (wanted == lower(info->kind) || wanted == info->plural || wanted == info->singular || is_short)
      return info.get();
  }
  return nullptr;
}

std::string meant_kind(const std::string& word) {
  std::vector<std::string> words;
  for (const auto& info : api::Schema::builtin().kinds()) {
    if (info->is_served) words.push_back(lower(info->kind));
  }
  for (const auto& info : api::Schema::builtin().kinds()) {
    if (info->is_served) words.push_back(info->plural);
  }
  const auto* info = find_served_kind(did_you_mean(word, words));
  return info ? lower(info->kind) : "";
}

std::string meant_object(const std::string& text) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    bool is_separator = c == '/' || c == ' ' || c == ':' || (c == '.' && parts.size() < 3);
    if (!is_separator) {
      parts.back() += c;
    } else if (!parts.back().empty()) {
      parts.emplace_back();
    }
  }
  if (parts.back().empty()) parts.pop_back();
  if (parts.empty() || parts.size() > 3) return "";
  const auto* info = find_served_kind(parts[0]);
  if (!info) info = find_served_kind(meant_kind(parts[0]));
  if (!info) return "";
  std::string kind = lower(info->kind);
  if (parts.size() == 1) return kind + (info->is_namespaced ? "/default/NAME" : "/NAME");
  if (!info->is_namespaced) return kind + "/" + parts.back();
  return kind + "/" + (parts.size() == 2 ? "default" : parts[1]) + "/" + parts.back();
}

}  // namespace kubeloop::simulator
