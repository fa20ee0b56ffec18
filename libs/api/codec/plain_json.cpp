#include "libs/api/codec/plain_json.hpp"

#include <nlohmann/json.hpp>

#include <bit>
#include <charconv>
#include <cstring>

#include "libs/api/codec/json_text.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;

// The first byte in [at, end) that is a quote, a backslash, a control character or no ASCII.
const char* find_special(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  if constexpr (std::endian::native == std::endian::little) {
    while (end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      std::uint64_t quote = word ^ (kOnes * '"'), slash = word ^ (kOnes * '\\');
      // A high bit is set at the first byte that fits; behind it some may be set wrongly.
      std::uint64_t found =
          ((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash) | ((word - kOnes * 0x20) & ~word) | word;
      found &= kHighs;
      if (found != 0) return at + std::countr_zero(found) / 8;
      at += 8;
    }
  }
  while (at < end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at - 0x20) < 0x60) ++at;
  return at;
}

char unescape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    default:
      return '\0';
  }
}

bool read_document(PlainJson& text, json& out, int depth);

bool read_object(PlainJson& text, json& out, int depth) {
  out = json::object();
  auto& members = out.get_ref<json::object_t&>();
  if (text.take('}')) return true;
  do {
    std::string_view key;
    if (text.peek() != '"' || !text.string(key)) return false;
    auto place = members.emplace_hint(members.end(), std::string(key), nullptr);  // sorted, mostly
    if (!text.take(':') || !read_document(text, place->second, depth)) return false;
  } while (text.take(','));
  return text.take('}');
}

bool read_list(PlainJson& text, json& out, int depth) {
  out = json::array();
  auto& elements = out.get_ref<json::array_t&>();
  if (text.take(']')) return true;
  do {
    if (!read_document(text, elements.emplace_back(), depth)) return false;
  } while (text.take(','));
  return text.take(']');
}

bool read_document(PlainJson& text, json& out, int depth) {
  if (depth >= PlainJson::kMaxDepth) return false;
  switch (text.peek()) {
    case '{':
      text.take('{');
      return read_object(text, out, depth + 1);
    case '[':
      text.take('[');
      return read_list(text, out, depth + 1);
    case '"': {
      std::string_view value;
      if (!text.string(value)) return false;
      out = std::string(value);
      return true;
    }
    case 't':
      out = true;
      return text.word("true");
    case 'f':
      out = false;
      return text.word("false");
    case 'n':
      out = nullptr;
      return text.word("null");
    default: {
      std::int64_t value = 0;
      if (!text.integer(value)) return false;
      if (value < 0) {
        out = value;
      } else {
        out = static_cast<std::uint64_t>(value);
      }
      return true;
    }
  }
}

}  // namespace

bool PlainJson::string(std::string_view& out) {
  const char* from = ++at_;
  at_ = find_special(at_, end_);
  if (at_ >= end_) return false;
  if (*at_ == '\\') return escaped(from, out);
  if (*at_ != '"') return false;
  out = std::string_view(from, at_);
  ++at_;
  return true;
}

bool PlainJson::escaped(const char* from, std::string_view& out) {
  is_compact_ = false;
  unescaped_.assign(from, at_);
  for (;;) {
    if (at_ >= end_) return false;
    if (*at_ == '"') {
      ++at_;
      out = unescaped_;
      return true;
    }
    if (*at_ != '\\' || at_ + 1 >= end_) return false;
    char c = unescape(at_[1]);
    if (c == '\0') return false;
    unescaped_ += c;
    at_ += 2;
    const char* next = find_special(at_, end_);
    unescaped_.append(at_, next);
    at_ = next;
  }
}

bool PlainJson::integer(std::int64_t& out) {
  bool is_negative = at_ < end_ && *at_ == '-';
  const char* from = at_ + (is_negative ? 1 : 0);
  const char* to = from;
  std::int64_t value = 0;
  constexpr int kMaxDigits = 18;
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  while (to < end_ && to - from < kMaxDigits && is_digit(*to)) value = value * 10 + (*to++ - '0');
  bool is_whole = to == end_ || (*to != '.' && *to != 'e' && *to != 'E' && !is_digit(*to));
  auto digits = to - from;
  // -0 is no integer, and a leading zero no number.
  if (!is_whole || digits == 0 || (*from == '0' && (digits > 1 || is_negative))) return false;
  out = is_negative ? -value : value;
  at_ = to;
  return true;
}

bool PlainJson::word(std::string_view word) {
  if (static_cast<std::size_t>(end_ - at_) < word.size() || std::string_view(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool PlainJson::skip(int depth) {
  std::string_view text;
  std::int64_t number = 0;
  if (depth >= kMaxDepth) return false;
  switch (peek()) {
    case '"':
      return string(text);
    case 't':
      return word("true");
    case 'f':
      return word("false");
    case 'n':
      return word("null");
    case '[':
      ++at_;
      if (take(']')) return true;
      do {
        if (!skip(depth + 1)) return false;
      } while (take(','));
      return take(']');
    case '{':
      ++at_;
      if (take('}')) return true;
      do {
        if (peek() != '"' || !string(text) || !take(':') || !skip(depth + 1)) return false;
      } while (take(','));
      return take('}');
    default:
      return integer(number);
  }
}

namespace {

void append_string(std::string& out, const std::string& text) {
  const char* end = text.data() + text.size();
  if (find_special(text.data(), end) != end) {
    out += json_text(json(text));
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

template <class Integer>
void append_integer(std::string& out, Integer value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace

void append_name(std::string& out, std::string_view name) {
  append_string(out, std::string(name));
  out += ':';
}

void append_document(std::string& out, const json& document) {
  switch (document.type()) {
    case json::value_t::object: {
      char separator = '{';
      for (const auto& [name, value] : document.get_ref<const json::object_t&>()) {
        out += separator;
        separator = ',';
        append_string(out, name);
        out += ':';
        append_document(out, value);
      }
      out += document.empty() ? "{}" : "}";
      return;
    }
    case json::value_t::array: {
      char separator = '[';
      for (const auto& value : document.get_ref<const json::array_t&>()) {
        out += separator;
        separator = ',';
        append_document(out, value);
      }
      out += document.empty() ? "[]" : "]";
      return;
    }
    case json::value_t::string:
      return append_string(out, document.get_ref<const std::string&>());
    case json::value_t::boolean:
      out += document.get<bool>() ? "true" : "false";
      return;
    case json::value_t::number_integer:
      return append_integer(out, document.get<std::int64_t>());
    case json::value_t::number_unsigned:
      return append_integer(out, document.get<std::uint64_t>());
    default:
      out += json_text(document);
  }
}

json parse_document(std::string_view text) {
  PlainJson plain(text);
  json out;
  if (read_document(plain, out, 0) && plain.peek() == '\0' && plain.at() == text.data() + text.size()) return out;
  return json::parse(text.begin(), text.end(), nullptr, false);
}

}  // namespace kubeloop::api
