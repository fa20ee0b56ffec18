#include "simulator/report/markup.hpp"

namespace kubeloop::simulator {
namespace {

constexpr char32_t kReplacement = 0xfffd;

// The length that the first byte of a sequence announces; 0 when none begins with it.
int announced_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

// The code point that begins at `at`, and how many bytes it has; (U+FFFD, 1) when it is not valid.
std::pair<char32_t, std::size_t> decode(std::string_view text, std::size_t at) {
  static constexpr char32_t kLowest[] = {0, 0, 0x80, 0x800, 0x10000};
  auto first = static_cast<unsigned char>(text[at]);
  int length = announced_length(first);
  if (length == 1) return {first, 1};
  if (length == 0 || at + static_cast<std::size_t>(length) > text.size()) return {kReplacement, 1};
  char32_t point = first & (0x7f >> length);
  for (int i = 1; i < length; ++i) {
    auto byte = static_cast<unsigned char>(text[at + static_cast<std::size_t>(i)]);
    if ((byte & 0xc0) != 0x80) return {kReplacement, 1};
    point = point << 6 | (byte & 0x3f);
  }
  bool is_surrogate = point >= 0xd800 && point < 0xe000;
  if (point < kLowest[length] || is_surrogate || point > 0x10ffff) return {kReplacement, 1};
  return {point, static_cast<std::size_t>(length)};
}

}  // namespace

std::u32string code_points(std::string_view utf8) {
  std::u32string out;
  for (std::size_t at = 0; at < utf8.size();) {
    auto [point, length] = decode(utf8, at);
    out += point;
    at += length;
  }
  return out;
}

void append_utf8(std::string& out, char32_t point) {
  auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6), put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12), put(0x80 | (point >> 6 & 0x3f)), put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18), put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f)), put(0x80 | (point & 0x3f));
  }
}

std::string escape_markup(std::string_view text) {
  std::string out;
  for (char32_t point : code_points(text)) {
    if (point == '&') {
      out += "&amp;";
    } else if (point == '<') {
      out += "&lt;";
    } else if (point == '>') {
      out += "&gt;";
    } else if (point == '"') {
      out += "&quot;";
    } else if (point == '\'') {
      out += "&#39;";
    } else if (point == '\n' || point == '\r' || point == '\t') {
      out += "&#" + std::to_string(static_cast<unsigned>(point)) + ";";
    } else {
      bool is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
      append_utf8(out, is_control || point == 0xfffe || point == 0xffff ? kReplacement : point);
    }
  }
  return out;
}

}  // namespace kubeloop::simulator
