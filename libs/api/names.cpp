#include "libs/api/names.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kubeloop::api {
namespace {

constexpr const char* kLabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
constexpr const char* kSubdomainPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
constexpr const char* kLabel1035Pattern = "[a-z]([-a-z0-9]*[a-z0-9])?";
constexpr const char* kQualifiedPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
constexpr const char* kLabelValuePattern = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";
constexpr const char* kQualifiedRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower_alphanumeric(char c) {
  return is_lower(c) || is_digit(c);
}
bool is_alphanumeric(char c) {
  return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z');
}

// The rule, its examples and its pattern, with the comma and two spaces that stand between examples on the wire.
std::string pattern_message(std::string_view rule, std::string_view pattern,
                            std::initializer_list<const char*> examples) {
  std::string text = fmt::format("{} (e.g. ", rule);
  bool is_first = true;
  for (const char* example : examples) {
    text += fmt::format("{}'{}', ", is_first ? "" : " or ", example);
    is_first = false;
  }
  return text + fmt::format("regex used for validation is '{}')", pattern);
}

std::string length_message(std::size_t limit) {
  return fmt::format("must be no more than {} bytes", limit);
}

bool is_label(std::string_view text) {
  return !text.empty() && is_lower_alphanumeric(text.front()) && is_lower_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  for (;;) {
    auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_name_part(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::string qualified_message() {
  return pattern_message(kQualifiedRule, kQualifiedPattern, {"MyName", "my.name", "123-abc"});
}

}  // namespace

Messages check_dns1123_subdomain(std::string_view text) {
  Messages messages;
  if (text.size() > 253) messages.push_back(length_message(253));
  if (!is_subdomain(text)) {
    messages.push_back(
        pattern_message("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
                        "'.', and must start and end with an alphanumeric character",
                        kSubdomainPattern, {"example.com"}));
  }
  return messages;
}

Messages check_dns1123_label(std::string_view text) {
  Messages messages;
  if (text.size() > 63) messages.push_back(length_message(63));
  if (!is_label(text)) {
    messages.push_back(
        pattern_message("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
                        "must start and end with an alphanumeric character",
                        kLabelPattern, {"my-name", "123-abc"}));
  }
  return messages;
}

Messages check_dns1035_label(std::string_view text) {
  Messages messages;
  if (text.size() > 63) messages.push_back(length_message(63));
  if (!is_label(text) || !is_lower(text.front())) {
    messages.push_back(
        pattern_message("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                        "alphabetic character, and end with an alphanumeric character",
                        kLabel1035Pattern, {"my-name", "abc-123"}));
  }
  return messages;
}

Messages check_qualified_name(std::string_view text) {
  Messages messages;
  std::string_view name = text;
  auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    if (text.find('/', slash + 1) != std::string_view::npos) {
      messages.push_back("a qualified name " + qualified_message() +
                         " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
      return messages;
    }
    auto prefix = text.substr(0, slash);
    name = text.substr(slash + 1);
    if (prefix.empty()) {
      messages.push_back("prefix part must be non-empty");
    } else {
      for (const auto& message : check_dns1123_subdomain(prefix)) messages.push_back("prefix part " + message);
    }
  }
  if (name.empty()) messages.push_back("name part must be non-empty");
  if (name.size() > 63) messages.push_back("name part " + length_message(63));
  if (!is_name_part(name)) messages.push_back("name part " + qualified_message());
  return messages;
}

Messages check_annotation_key(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return check_qualified_name(lower);
}

Messages check_label_value(std::string_view text) {
  Messages messages;
  if (text.size() > 63) messages.push_back(length_message(63));
  if (!text.empty() && !is_name_part(text)) {
    messages.push_back(
        pattern_message("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
                        "'.', and must start and end with an alphanumeric character",
                        kLabelValuePattern, {"MyValue", "my_value", "12345"}));
  }
  return messages;
}

Messages check_path_segment(std::string_view text, bool is_prefix) {
  if (!is_prefix && (text == "." || text == "..")) return {fmt::format("may not be '{}'", text)};
  Messages messages;
  for (char c : {'/', '%'}) {
    if (text.contains(c)) messages.push_back(fmt::format("may not contain '{}'", c));
  }
  return messages;
}

Messages check_port_name(std::string_view text) {
  Messages messages;
  if (text.size() > 15) messages.push_back(length_message(15));
  auto is_allowed = [](char c) { return is_lower_alphanumeric(c) || c == '-'; };
  if (!std::all_of(text.begin(), text.end(), is_allowed)) {
    messages.push_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (std::none_of(text.begin(), text.end(), is_lower)) messages.push_back("must contain at least one letter (a-z)");
  if (text.contains("--")) messages.push_back("must not contain consecutive hyphens");
  if (text.starts_with('-') || text.ends_with('-')) messages.push_back("must not begin or end with a hyphen");
  return messages;
}

std::string mask_trailing_dash(std::string_view prefix) {
  if (prefix.size() > 1 && prefix.ends_with('-')) return std::string(prefix.substr(0, prefix.size() - 2)) + "a";
  return std::string(prefix);
}

}  // namespace kubeloop::api
