// find_text says what string_view::find says.
#include "libs/base/find_text.hpp"

#include <doctest/doctest.h>

#include <string>

#include "libs/base/rng.hpp"

namespace kubeloop {
namespace {

TEST_CASE("a text is found where it stands first, and not before the place to begin") {
  std::string text = R"({"a":"b","a":"c"})";
  CHECK(find_text(text, "\"a\":\"") == 1);
  CHECK(find_text(text, "\"a\":\"", 2) == 9);
  CHECK(find_text(text, "\"a\":\"", 10) == std::string_view::npos);
  CHECK(find_text(text, "x") == std::string_view::npos);
  CHECK(find_text(text, "a", text.size()) == std::string_view::npos);
  CHECK(find_text(text, "a", text.size() + 1) == std::string_view::npos);
  CHECK(find_text("", "a") == std::string_view::npos);
  CHECK(find_text("ab", "abc") == std::string_view::npos);
  CHECK(find_text("", "") == 0);
}

TEST_CASE("random texts: the same as string_view::find") {
  Rng rng(7);
  for (int i = 0; i < 2000; ++i) {
    std::string text = rng.word(rng.below(60), "ab\"");
    std::string wanted = rng.word(rng.below(6), "ab\"");
    auto from = rng.below(70);
    CHECK(find_text(text, wanted, from) == std::string_view(text).find(wanted, from));
  }
}

}  // namespace
}  // namespace kubeloop
