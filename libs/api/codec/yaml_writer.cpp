#include <string_view>
#include <utility>

#include "libs/api/codec/json_text.hpp"
#include "libs/api/codec/yaml.hpp"
#include "libs/api/codec/yaml_scalar.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Whether the text can stand without quotes: it says the same when read back, and nothing in it is an indicator there.
bool is_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (std::string_view("-?:,[]{}#&*!|>'\"%@`").contains(text.front())) {
    bool is_word =
        text.size() > 1 && text[1] != ' ' && (text.front() == '-' || text.front() == '?' || text.front() == ':');
    if (!is_word || text.starts_with("---")) return false;
  }
  if (text.starts_with("...") || text == "<<" || text == "=") return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (is_control(c) || (c == ':' && next == ' ') || (c == ' ' && next == '#')) return false;
  }
  return true;
}

// Whether it would be read as something else than a string. Dates too: other YAML readers make timestamps of them.
bool has_other_type(std::string_view text) {
  auto read = resolve_plain_scalar(text);
  if (!read || !read->is_string()) return true;
  auto is_digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  return text.size() >= 8 && is_digit(0) && is_digit(1) && is_digit(2) && is_digit(3) && text[4] == '-' && is_digit(5);
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

// JSON's string form is a YAML double-quoted scalar too; DEL must be escaped for YAML.
std::string double_quoted(const std::string& text) {
  std::string dumped = json_text(json(text));
  std::string out;
  for (char c : dumped) {
    if (c == 0x7f) {
      out += "\\x7f";
    } else {
      out += c;
    }
  }
  return out;
}

bool can_be_literal(std::string_view text) {
  if (!text.contains('\n') || text.front() == ' ' || text.front() == '\n' || text.front() == '\t') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_control(text[i]) && text[i] != '\n' && text[i] != '\t') return false;
    if (text[i] == ' ' && i + 1 < text.size() && text[i + 1] == '\n') return false;
  }
  return text.back() != ' ';
}

std::string literal(std::string_view text, std::size_t indent) {
  bool ends_line = text.ends_with('\n');
  std::string out = !ends_line ? "|-" : text.ends_with("\n\n") ? "|+" : "|";
  if (ends_line) text.remove_suffix(1);
  for (;;) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    out += '\n';
    if (!line.empty()) out.append(indent, ' ').append(line);
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

// `indent` is that of the lines of a block scalar.
std::string scalar(const json& value, std::size_t indent, bool is_key) {
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  if (!text.empty() && is_plain(text)) return has_other_type(text) ? double_quoted(text) : text;
  if (!is_key && !text.empty() && can_be_literal(text)) return literal(text, indent);
  for (char c : text) {
    if (is_control(c)) return double_quoted(text);
  }
  return text.empty() ? "\"\"" : single_quoted(text);
}

bool is_block(const json& value) {
  return value.is_structured() && !value.empty();
}

// Writes the lines of a map or list; the first one continues the line that was begun (after "- ") when `is_continued`.
void write_block(std::string& out, const json& value, std::size_t indent, bool is_continued) {
  if (value.is_array()) {
    for (const auto& element : value) {
      if (!std::exchange(is_continued, false)) out.append(indent, ' ');
      out += "- ";
      if (is_block(element)) {
        write_block(out, element, indent + 2, true);
      } else {
        out += scalar(element, indent + 2, false) + "\n";
      }
    }
    return;
  }
  for (const auto& [key, member] : value.items()) {
    if (!std::exchange(is_continued, false)) out.append(indent, ' ');
    out += scalar(json(key), indent, true) + ":";
    if (is_block(member)) {
      out += '\n';
      write_block(out, member, member.is_array() ? indent : indent + 2, false);
    } else {
      out += " " + scalar(member, indent + 2, false) + "\n";
    }
  }
}

}  // namespace

std::string to_yaml(const json& value) {
  if (!is_block(value)) return scalar(value, 2, false) + "\n";
  std::string out;
  write_block(out, value, 0, false);
  return out;
}

}  // namespace kubeloop::api
