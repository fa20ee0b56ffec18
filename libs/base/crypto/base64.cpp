#include "libs/base/crypto/base64.hpp"

#include <cstdint>

namespace kubeloop::crypto {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (unsigned char c : bytes) {
    bits = (bits << 8) | c;
    held += 8;
    while (held >= 6) {
      held -= 6;
      out += alphabet[(bits >> held) & 63];
    }
  }
  if (held > 0) out += alphabet[(bits << (6 - held)) & 63];
  return out;
}

int value_of(char c, bool is_url) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == (is_url ? '-' : '+')) return 62;
  if (c == (is_url ? '_' : '/')) return 63;
  return -1;
}

// `digits` holds base64 digits only, without padding.
Result<std::string> decode(std::string_view digits, bool is_url) {
  if (digits.size() % 4 == 1) return failure(400, "BadRequest", "illegal base64: the text is cut off");
  std::string out;
  out.reserve(digits.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int held = 0;
  for (char c : digits) {
    int value = value_of(c, is_url);
    if (value < 0) return failure(400, "BadRequest", "illegal base64: a character outside the alphabet");
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>((bits >> held) & 255);
    }
  }
  return out;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out = encode(bytes, kStandard);
  while (out.size() % 4 != 0) out += '=';
  return out;
}

Result<std::string> base64_decode(std::string_view text) {
  std::string digits;
  digits.reserve(text.size());
  for (char c : text) {
    if (c != '\n' && c != '\r') digits += c;
  }
  if (digits.size() % 4 != 0) return failure(400, "BadRequest", "illegal base64: the padding is missing");
  for (int i = 0; i < 2 && digits.ends_with('='); ++i) digits.pop_back();
  return decode(digits, false);
}

std::string base64url_encode(std::string_view bytes) {
  return encode(bytes, kUrl);
}
Result<std::string> base64url_decode(std::string_view text) {
  return decode(text, true);
}

}  // namespace kubeloop::crypto
