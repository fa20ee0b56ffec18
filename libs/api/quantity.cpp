#include "libs/api/quantity.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace kubeloop::api {
namespace {

constexpr __int128 kNano = 1'000'000'000;
constexpr __int128 kMaxNano = static_cast<__int128>(std::numeric_limits<std::int64_t>::max()) * kNano;
constexpr const char* kFormatError =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr const char* kSuffixError = "unable to parse quantity's suffix";

struct Suffix {
  std::string_view text;
  int exponent;  // of ten, or of two when binary
  bool is_binary;
};
constexpr std::array<Suffix, 16> kSuffixes{{{"n", -9, false},
                                            {"u", -6, false},
                                            {"m", -3, false},
                                            {"", 0, false},
                                            {"k", 3, false},
                                            {"M", 6, false},
                                            {"G", 9, false},
                                            {"T", 12, false},
                                            {"P", 15, false},
                                            {"E", 18, false},
                                            {"Ki", 10, true},
                                            {"Mi", 20, true},
                                            {"Gi", 30, true},
                                            {"Ti", 40, true},
                                            {"Pi", 50, true},
                                            {"Ei", 60, true}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

__int128 capped(__int128 nano) {
  return std::clamp(nano, -kMaxNano, kMaxNano);
}

__int128 divided_away_from_zero(__int128 amount, __int128 divisor) {
  __int128 quotient = amount / divisor;
  if (amount % divisor != 0) quotient += amount < 0 ? -1 : 1;
  return quotient;
}

std::string decimal(__int128 value) {
  if (value == 0) return "0";
  bool is_negative = value < 0;
  std::string digits;
  for (; value != 0; value /= 10) {
    int digit = static_cast<int>(value % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
  }
  if (is_negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

// The digits of twice the number.
void double_digits(std::string& digits) {
  int carry = 0;
  for (std::size_t i = digits.size(); i-- > 0;) {
    int sum = (digits[i] - '0') * 2 + carry;
    digits[i] = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  if (carry > 0) digits.insert(digits.begin(), static_cast<char>('0' + carry));
}

// digits * 10^exponent, rounded up to a whole number, at most kMaxNano. `digits` has no sign.
__int128 scaled(std::string_view digits, long exponent) {
  auto first = digits.find_first_not_of('0');
  if (first == std::string_view::npos) return 0;
  digits.remove_prefix(first);
  bool has_rest = false;
  if (exponent < 0) {
    std::size_t dropped = std::min<std::size_t>(static_cast<std::size_t>(-exponent), digits.size());
    has_rest = digits.substr(digits.size() - dropped).find_first_not_of('0') != std::string_view::npos;
    digits.remove_suffix(dropped);
    exponent = 0;
  }
  if (static_cast<long>(digits.size()) + exponent > 30) return kMaxNano;
  __int128 value = 0;
  for (char c : digits) value = value * 10 + (c - '0');
  for (; exponent > 0; --exponent) value *= 10;
  if (has_rest) ++value;
  return std::min(value, kMaxNano);
}

// The exponent after e or E: a sign and digits, clamped to what can matter.
std::optional<long> parse_exponent(std::string_view text) {
  bool is_negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  long value = 0;
  for (char c : text) value = std::min(value * 10 + (c - '0'), 100'000L);
  return is_negative ? -value : value;
}

struct Parts {
  bool is_negative = false;
  std::string digits;  // without the point
  long fraction_digits = 0;
  std::string_view suffix;
};

std::optional<Parts> split(std::string_view text) {
  Parts parts;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) parts.is_negative = text[at++] == '-';
  for (; at < text.size() && is_digit(text[at]); ++at) parts.digits += text[at];
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && is_digit(text[at]); ++at, ++parts.fraction_digits) parts.digits += text[at];
  }
  if (parts.digits.empty()) return std::nullopt;
  parts.suffix = text.substr(at);
  while (at < text.size() && std::string_view("eEinumkKMGTP").contains(text[at])) ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at != text.size()) return std::nullopt;
  return parts;
}

}  // namespace

Quantity Quantity::from_nano(__int128 amount, QuantityFormat format) {
  Quantity quantity;
  quantity.nano_ = capped(amount);
  quantity.format_ = format;
  return quantity;
}

Quantity Quantity::from_value(std::int64_t amount, QuantityFormat format) {
  return from_nano(static_cast<__int128>(amount) * kNano, format);
}

std::int64_t Quantity::value() const {
  return static_cast<std::int64_t>(divided_away_from_zero(nano_, kNano));
}

std::int64_t Quantity::milli_value() const {
  constexpr __int128 kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp(divided_away_from_zero(nano_, 1'000'000), -kMax, kMax));
}

Quantity Quantity::rounded_up_to_milli() const {
  return from_nano(divided_away_from_zero(nano_, 1'000'000) * 1'000'000, format_);
}

std::string Quantity::text() const {
  if (nano_ == 0) return "0";
  constexpr __int128 kKibi = 1024 * kNano;
  bool is_binary = format_ == QuantityFormat::kBinarySI && nano_ % kNano == 0 && (nano_ >= kKibi || nano_ <= -kKibi);
  if (is_binary) {
    __int128 value = nano_ / kNano;
    std::size_t power = 0;
    for (; power < 6 && value % 1024 == 0; ++power) value /= 1024;
    return decimal(value) + std::string(power == 0 ? "" : kSuffixes[9 + power].text);
  }
  __int128 value = nano_;
  int exponent = -9;
  for (; exponent < 18 && value % 1000 == 0; exponent += 3) value /= 1000;
  if (format_ == QuantityFormat::kDecimalExponent) {
    return exponent == 0 ? decimal(value) : decimal(value) + "e" + std::to_string(exponent);
  }
  return decimal(value) + std::string(kSuffixes[static_cast<std::size_t>(exponent + 9) / 3].text);
}

Quantity& Quantity::operator+=(const Quantity& other) {
  if (nano_ == 0) format_ = other.format_;
  nano_ = capped(nano_ + other.nano_);
  return *this;
}

Quantity& Quantity::operator-=(const Quantity& other) {
  if (nano_ == 0) format_ = other.format_;
  nano_ = capped(nano_ - other.nano_);
  return *this;
}

Result<Quantity> parse_quantity(std::string_view text) {
  auto parts = split(text);
  if (!parts) return failure(400, "BadRequest", kFormatError);
  long exponent = 0;
  auto format = QuantityFormat::kDecimalSI;
  const Suffix* known = std::find_if(kSuffixes.begin(), kSuffixes.end(),
                                     [&](const Suffix& suffix) { return suffix.text == parts->suffix; });
  if (known != kSuffixes.end()) {
    if (known->is_binary) {
      format = QuantityFormat::kBinarySI;
      for (int i = 0; i < known->exponent; ++i) double_digits(parts->digits);
    } else {
      exponent = known->exponent;
    }
  } else if (parts->suffix.size() > 1 && (parts->suffix[0] == 'e' || parts->suffix[0] == 'E')) {
    auto written = parse_exponent(parts->suffix.substr(1));
    if (!written) return failure(400, "BadRequest", kSuffixError);
    format = QuantityFormat::kDecimalExponent;
    exponent = *written;
  } else {
    return failure(400, "BadRequest", kSuffixError);
  }
  __int128 nano = scaled(parts->digits, exponent + 9 - parts->fraction_digits);
  return Quantity::from_nano(parts->is_negative ? -nano : nano, format);
}

std::int64_t quantity_value(std::string_view text) {
  auto quantity = parse_quantity(text);
  return quantity ? quantity->value() : 0;
}

std::int64_t quantity_milli(std::string_view text) {
  auto quantity = parse_quantity(text);
  return quantity ? quantity->milli_value() : 0;
}

}  // namespace kubeloop::api
