#include "libs/api/field_error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"

namespace kubeloop::api {
namespace {

// The length of the well-formed UTF-8 sequence at the front of `text` and its code point; 0 when there is none.
std::size_t read_code_point(std::string_view text, std::uint32_t& code_point) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t length = byte(0) < 0x80 ? 1 : byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (length == 1) {
    code_point = byte(0);
    return 1;
  }
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < length) return 0;
  code_point = byte(0) & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code_point = code_point << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  return code_point < kLeast[length] || code_point > 0x10ffff || is_surrogate ? 0 : length;
}

// Controls, spaces other than ' ', and invisible formatting marks are escaped.
bool is_printable(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad) return false;
  if ((c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f)) return false;
  return c != 0x3000 && c != 0xfeff && c != 0x1680 && !(c >= 0xe000 && c <= 0xf8ff) && !(c >= 0xfff0 && c <= 0xfffb) &&
         c < 0xe0000;
}

std::string escaped(std::uint32_t c) {
  switch (c) {
    case '\a':
      return "\\a";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\v':
      return "\\v";
    default:
      break;
  }
  if (c < 0x80) return fmt::format("\\x{:02x}", c);
  return c < 0x10000 ? fmt::format("\\u{:04x}", c) : fmt::format("\\U{:08x}", c);
}

StatusCause cause(std::string path, std::string_view reason, std::string body, std::string_view detail) {
  if (!detail.empty()) {
    body += ": ";
    body += detail;
  }
  return {std::string(reason), std::move(body), std::move(path)};
}

}  // namespace

std::string go_quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    std::uint32_t c = 0;
    std::size_t length = read_code_point(text, c);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      length = 1;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (is_printable(c)) {
      out += text.substr(0, length);
    } else {
      out += escaped(c);
    }
    text.remove_prefix(length);
  }
  return out + '"';
}

std::string printed_value(const nlohmann::json& value) {
  if (value.is_string()) return go_quoted(value.get_ref<const std::string&>());
  return json_text(value);
}

namespace field {

StatusCause required(std::string path, std::string_view detail) {
  return cause(std::move(path), "FieldValueRequired", "Required value", detail);
}

StatusCause invalid(std::string path, const nlohmann::json& value, std::string_view detail) {
  return cause(std::move(path), "FieldValueInvalid", "Invalid value: " + printed_value(value), detail);
}

StatusCause not_supported(std::string path, const nlohmann::json& value, const std::vector<std::string>& supported) {
  std::string detail;
  for (const auto& text : supported) detail += (detail.empty() ? "supported values: " : ", ") + go_quoted(text);
  return cause(std::move(path), "FieldValueNotSupported", "Unsupported value: " + printed_value(value), detail);
}

StatusCause duplicate(std::string path, const nlohmann::json& value) {
  return cause(std::move(path), "FieldValueDuplicate", "Duplicate value: " + printed_value(value), "");
}

StatusCause not_found(std::string path, const nlohmann::json& value) {
  return cause(std::move(path), "FieldValueNotFound", "Not found: " + printed_value(value), "");
}

StatusCause forbidden(std::string path, std::string_view detail) {
  return cause(std::move(path), "FieldValueForbidden", "Forbidden", detail);
}

StatusCause too_long(std::string path, std::int64_t limit_bytes) {
  std::string detail =
      limit_bytes < 0 ? "value is too long" : fmt::format("may not be more than {} bytes", limit_bytes);
  return cause(std::move(path), "FieldValueTooLong", "Too long", detail);
}

StatusCause too_many(std::string path, std::int64_t actual, std::int64_t limit) {
  std::string detail = limit < 0    ? "has too many items"
                       : limit == 1 ? "must have at most 1 item"
                                    : fmt::format("must have at most {} items", limit);
  return cause(std::move(path), "FieldValueTooMany", fmt::format("Too many: {}", actual), detail);
}

std::vector<StatusCause> invalid_each(const std::string& path, const nlohmann::json& value,
                                      const std::vector<std::string>& messages) {
  std::vector<StatusCause> causes;
  for (const auto& message : messages) causes.push_back(invalid(path, value, message));
  return causes;
}

}  // namespace field

}  // namespace kubeloop::api
