// Amounts of a resource: "500m", "1.5Gi", "2e3". Exact: held as whole billionths (nano units) in 128 bits, never as a
// double. Magnitudes above 2^63-1 whole units are capped and digits below one nano are rounded away from zero, as
// Kubernetes documents for its Quantity. A plain value; compares by amount alone, not by how it was written.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace kubeloop::api {

// The family of suffixes an amount was written with; kept when it is printed.
enum class QuantityFormat : std::uint8_t { kDecimalSI, kBinarySI, kDecimalExponent };

class Quantity {
 public:
  Quantity() = default;
  // `amount` times 10^-9.
  static Quantity from_nano(__int128 amount, QuantityFormat format = QuantityFormat::kDecimalSI);
  static Quantity from_value(std::int64_t amount, QuantityFormat format = QuantityFormat::kDecimalSI);

  // Whole units, rounded away from zero.
  std::int64_t value() const;
  // Thousandths, rounded away from zero; clamped to the range of int64.
  std::int64_t milli_value() const;
  // The canonical form: no fraction, the largest suffix that keeps it whole ("1000m" is "1", "1024Mi" is "1Gi", "0.5"
  // is "500m", "1.5Gi" is "1536Mi"). A binary amount below 1Ki or not whole is written with decimal suffixes.
  std::string text() const;

  bool is_zero() const { return nano_ == 0; }
  bool is_negative() const { return nano_ < 0; }
  QuantityFormat format() const { return format_; }
  __int128 nano() const { return nano_; }
  // What the server stores for cpu, memory and the like: nothing finer than 1m (rounded away from zero).
  Quantity rounded_up_to_milli() const;

  // Sum and difference, capped like parsed amounts. Zero takes on the other's format.
  Quantity& operator+=(const Quantity& other);
  Quantity& operator-=(const Quantity& other);
  friend Quantity operator+(Quantity a, const Quantity& b) { return a += b; }
  friend Quantity operator-(Quantity a, const Quantity& b) { return a -= b; }
  Quantity operator-() const { return from_nano(-nano_, format_); }

  std::strong_ordering operator<=>(const Quantity& other) const { return nano_ <=> other.nano_; }
  bool operator==(const Quantity& other) const { return nano_ == other.nano_; }

 private:
  __int128 nano_ = 0;
  QuantityFormat format_ = QuantityFormat::kDecimalSI;
};

// Sign, digits with an optional point, then one of n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or e/E with a whole exponent.
// The error is a 400 with the message that Kubernetes gives for the same text.
Result<Quantity> parse_quantity(std::string_view text);

// For amounts that were validated before: 0 when malformed.
std::int64_t quantity_value(std::string_view text);
std::int64_t quantity_milli(std::string_view text);

}  // namespace kubeloop::api
