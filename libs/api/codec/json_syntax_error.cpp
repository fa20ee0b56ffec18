#include "libs/api/codec/json_syntax_error.hpp"

#include <vector>

#include <fmt/format.h>

namespace kubeloop::api {
namespace {

// A byte between single quotes, as Go writes one.
std::string quoted(char c) {
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '\'':
      return R"('\'')";
    case '\\':
      return R"('\\')";
    case '\a':
      return R"('\a')";
    case '\b':
      return R"('\b')";
    case '\f':
      return R"('\f')";
    case '\n':
      return R"('\n')";
    case '\r':
      return R"('\r')";
    case '\t':
      return R"('\t')";
    case '\v':
      return R"('\v')";
    default:
      break;
  }
  if (byte < 0x20 || byte == 0x7f) return fmt::format("'\\x{:02x}'", byte);
  if (byte < 0x80) return fmt::format("'{}'", c);
  // A byte beyond ASCII is taken for the code point of the same number.
  if (byte < 0xa0 || byte == 0xad) return fmt::format("'\\u00{:02x}'", byte);
  return fmt::format("'{}{}'", static_cast<char>(0xc0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3f)));
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Walks through a text once, without recursion, and stops at the first thing that is wrong.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::string run() {
    while (error_.empty() && !is_done_) {
      expects_key_ ? scan_key() : scan_value();
    }
    return error_;
  }

 private:
  void fail(const std::string& where) {
    if (!error_.empty()) return;
    error_ = at_ >= text_.size() ? "unexpected end of JSON input"
                                 : fmt::format("invalid character {} {}", quoted(text_[at_]), where);
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  bool is_at(char c) const { return at_ < text_.size() && text_[at_] == c; }

  void scan_key() {
    expects_key_ = false;
    skip_space();
    if (!is_at('"')) return fail("looking for beginning of object key string");
    scan_string();
    skip_space();
    if (!error_.empty()) return;
    if (!is_at(':')) return fail("after object key");
    ++at_;
  }

  void scan_value() {
    skip_space();
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    if (c == '{' || c == '[') return open(c);
    if (c == '"') {
      scan_string();
    } else if (c == '-' || is_digit(c)) {
      scan_number();
    } else if (c == 't') {
      scan_literal("true");
    } else if (c == 'f') {
      scan_literal("false");
    } else if (c == 'n') {
      scan_literal("null");
    } else {
      fail("looking for beginning of value");
    }
    if (error_.empty()) end_value();
  }

  void open(char bracket) {
    ++at_;
    skip_space();
    open_.push_back(bracket);
    if (is_at(bracket == '{' ? '}' : ']')) return close();
    expects_key_ = bracket == '{';
  }

  void close() {
    ++at_;
    open_.pop_back();
    end_value();
  }

  // Behind a value: the next one, the end of what it stands in, or the end of the text.
  void end_value() {
    for (;;) {
      skip_space();
      if (open_.empty()) {
        if (at_ < text_.size()) return fail("after top-level value");
        is_done_ = true;
        return;
      }
      const bool is_object = open_.back() == '{';
      if (is_at(',')) {
        ++at_;
        expects_key_ = is_object;
        return;
      }
      if (!is_at(is_object ? '}' : ']')) {
        return fail(is_object ? "after object key:value pair" : "after array element");
      }
      ++at_;
      open_.pop_back();
    }
  }

  void scan_string() {
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (static_cast<unsigned char>(c) < 0x20) return fail("in string literal");
      if (c == '\\' && !scan_escape()) return;
    }
    fail("");
  }

  // Ends at the escape's last character.
  bool scan_escape() {
    ++at_;
    const bool is_known = at_ < text_.size() && std::string_view("\"\\/bfnrtu").find(text_[at_]) != std::string::npos;
    if (!is_known) {
      fail("in string escape code");
      return false;
    }
    if (text_[at_] != 'u') return true;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      if (at_ < text_.size() && is_hex(text_[at_])) continue;
      fail("in \\u hexadecimal character escape");
      return false;
    }
    return true;
  }

  bool scan_digits(const char* where) {
    if (at_ >= text_.size() || !is_digit(text_[at_])) {
      fail(where);
      return false;
    }
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return true;
  }

  void scan_number() {
    if (is_at('-')) ++at_;
    if (is_at('0')) {
      ++at_;
    } else if (!scan_digits("in numeric literal")) {
      return;
    }
    if (is_at('.')) {
      ++at_;
      if (!scan_digits("after decimal point in numeric literal")) return;
    }
    if (!is_at('e') && !is_at('E')) return;
    ++at_;
    if (is_at('+') || is_at('-')) ++at_;
    scan_digits("in exponent of numeric literal");
  }

  void scan_literal(std::string_view word) {
    for (char expected : word) {
      if (!is_at(expected)) return fail(fmt::format("in literal {} (expecting '{}')", word, expected));
      ++at_;
    }
  }

  std::string_view text_;
  std::string error_;
  std::vector<char> open_;
  std::size_t at_ = 0;
  bool expects_key_ = false, is_done_ = false;
};

}  // namespace

std::string json_syntax_error(std::string_view text) {
  return Scanner(text).run();
}

}  // namespace kubeloop::api
