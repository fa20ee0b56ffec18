#include "libs/api/quantity.hpp"

#include <doctest/doctest.h>

#include <string>

#include "libs/base/rng.hpp"

using namespace kubeloop;
using namespace kubeloop::api;

namespace {

struct Case {
  const char* text;
  const char* canonical;
  std::int64_t value;
  std::int64_t milli;
};

constexpr std::int64_t kMax = 9223372036854775807;

}  // namespace

// Rule: canonical form has no fraction and the largest suffix; value() and milli_value() round away from zero.
TEST_CASE("quantities: canonical text and values") {
  const Case cases[] = {
      {"0", "0", 0, 0},
      {"000", "0", 0, 0},
      {"0Gi", "0", 0, 0},
      {"-0", "0", 0, 0},
      {"1", "1", 1, 1000},
      {"+1", "1", 1, 1000},
      {"007", "7", 7, 7000},
      {"100m", "100m", 1, 100},
      {"1000m", "1", 1, 1000},
      {"1001m", "1001m", 2, 1001},
      {"0.5", "500m", 1, 500},
      {".5", "500m", 1, 500},
      {"1.", "1", 1, 1000},
      {"1.5", "1500m", 2, 1500},
      {"-1.5", "-1500m", -2, -1500},
      {"1500m", "1500m", 2, 1500},
      {"2k", "2k", 2000, 2000000},
      {"1000", "1k", 1000, 1000000},
      {"1500", "1500", 1500, 1500000},
      {"1000k", "1M", 1000000, 1000000000},
      {"1024Mi", "1Gi", 1073741824, 1073741824000},
      {"1.5Gi", "1536Mi", 1610612736, 1610612736000},
      {"0.5Gi", "512Mi", 536870912, 536870912000},
      {"0.5Ki", "512", 512, 512000},
      {"1Ki", "1Ki", 1024, 1024000},
      {"1023Ki", "1023Ki", 1047552, 1047552000},
      {"0.1Gi", "107374182400m", 107374183, 107374182400},
      {"-2Ki", "-2Ki", -2048, -2048000},
      {"8Gi", "8Gi", 8589934592, 8589934592000},
      {"1e3", "1e3", 1000, 1000000},
      {"1E3", "1e3", 1000, 1000000},
      {"2e-3", "2e-3", 1, 2},
      {"15e-1", "1500e-3", 2, 1500},
      {"12e+4", "120e3", 120000, 120000000},
      {"1E", "1E", 1000000000000000000, kMax},
      {"1n", "1n", 1, 1},
      {"0.1n", "1n", 1, 1},
      {"-0.1n", "-1n", -1, -1},
      {"1u", "1u", 1, 1},
      {"999999999n", "999999999n", 1, 1000},
      {"1.0000000001", "1000000001n", 2, 1001},
      {"9223372036854775807", "9223372036854775807", kMax, kMax},
      {"9223372036854775808", "9223372036854775807", kMax, kMax},
      {"100E", "9223372036854775807", kMax, kMax},
      {"-100E", "-9223372036854775807", -kMax, -kMax},
      {"8Ei", "9223372036854775807", kMax, kMax},
      {"1e1000", "9223372036854775807", kMax, kMax},
      {"1e-1000", "1e-9", 1, 1},
      {"1e99999999999999999999", "9223372036854775807", kMax, kMax},
      {"123456789012345678901234567890", "9223372036854775807", kMax, kMax},
      {"0.000000000000000000000000000001Ei", "1n", 1, 1},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.text));
    auto quantity = parse_quantity(c.text);
    REQUIRE(quantity.has_value());
    CHECK(quantity->text() == c.canonical);
    CHECK(quantity->value() == c.value);
    CHECK(quantity->milli_value() == c.milli);
    CHECK(quantity_value(c.text) == c.value);
    CHECK(quantity_milli(c.text) == c.milli);
  }
}

// Rule: what does not have the written form is a 400 with the pattern; a wrong suffix is told apart.
TEST_CASE("quantities: malformed texts") {
  const char* kPattern = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  for (std::string text :
       {"", " 1", "1 ", "abc", "1x", "1.2.3", "--1", "+", "-", ".", "m", "1Gib", "1,5", "0x10", "1\n"}) {
    CAPTURE(text);
    auto quantity = parse_quantity(text);
    REQUIRE(!quantity.has_value());
    CHECK(quantity.error().code == 400);
    CHECK(quantity.error().reason == "BadRequest");
    CHECK(quantity.error().message == kPattern);
    CHECK(quantity_value(text) == 0);
  }
  for (std::string text : {"1mm", "1i", "1KiKi", "1e", "1e+", "1m3", "1K", "1Mi2", "1g"}) {
    CAPTURE(text);
    auto quantity = parse_quantity(text);
    REQUIRE(!quantity.has_value());
    CHECK(quantity.error().message == (text == "1g" ? kPattern : "unable to parse quantity's suffix"));
  }
}

TEST_CASE("quantities: compare, add, subtract") {
  auto q = [](const char* text) { return parse_quantity(text).value(); };
  CHECK(q("1Gi") == q("1024Mi"));
  CHECK(q("1") > q("999m"));
  CHECK(q("-1") < q("0"));
  CHECK((q("1500m") + q("1")).text() == "2500m");
  CHECK((q("1Gi") - q("512Mi")).text() == "512Mi");
  CHECK((q("1Gi") - q("2Gi")).is_negative());
  CHECK((q("1Gi") - q("2Gi")).text() == "-1Gi");
  // Zero takes the format of what is added to it; otherwise the left one's stays.
  CHECK((Quantity() + q("2Gi")).text() == "2Gi");
  CHECK((q("1Gi") + q("1")).text() == "1073741825");
  CHECK((q("9223372036854775807") + q("1")).text() == "9223372036854775807");
  CHECK((-q("3")).text() == "-3");
  CHECK(Quantity().is_zero());
  CHECK(Quantity::from_value(2048, QuantityFormat::kBinarySI).text() == "2Ki");
  CHECK(q("1u").rounded_up_to_milli().text() == "1m");
  CHECK(q("100m").rounded_up_to_milli().text() == "100m");
}

TEST_CASE("quantities: nothing that is written crashes, and the canonical text says the same again") {
  Rng rng(20260101);
  int parsed = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = rng.word(rng.below(14), "0123456789..+-eEinumkKMGTP x");
    auto quantity = parse_quantity(text);
    if (!quantity) continue;
    ++parsed;
    CAPTURE(text);
    auto again = parse_quantity(quantity->text());
    REQUIRE(again.has_value());
    REQUIRE(*again == *quantity);
    REQUIRE(again->text() == quantity->text());
  }
  CHECK(parsed > 100);
}
