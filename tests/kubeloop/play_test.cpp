// How a run is shown as it goes.
#include "kubeloop/play.hpp"

#include <doctest/doctest.h>

namespace kubeloop::cli {
namespace {

TEST_CASE("speeds, with or without their x") {
  CHECK(parse_speed("1x") == 1.0);
  CHECK(parse_speed("10") == 10.0);
  CHECK(parse_speed("0.5x") == 0.5);
  CHECK(parse_speed("0.01x") == 0.01);
  CHECK(parse_speed("1000000x") == 1'000'000.0);
  for (const char* wrong :
       {"", "x", "0", "0x", "-1x", "0.009x", "1000001x", "1 x", "1xx", "fast", "nan", "inf", "1,5x"}) {
    CHECK_MESSAGE(!parse_speed(wrong), wrong);
  }
}

}  // namespace
}  // namespace kubeloop::cli
