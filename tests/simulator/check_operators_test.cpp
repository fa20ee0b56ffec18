// The operators of partial matches: what passes, what fails and with which sentence, what is refused.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "simulator/checks/match.hpp"
#include "simulator/checks/match_operators.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::string match(const char* document, const char* pattern) {
  return match_partially(json::parse(document), json::parse(pattern));
}

TEST_CASE("numbers, quantities and times are compared") {
  CHECK(match(R"({"a":3})", R"({"a":{"$gte":3}})") == "");
  CHECK(match(R"({"a":2})", R"({"a":{"$gte":3}})") == "a is 2, expected at least 3");
  CHECK(match(R"({"a":3})", R"({"a":{"$gt":3}})") == "a is 3, expected more than 3");
  CHECK(match(R"({"a":3})", R"({"a":{"$lt":3}})") == "a is 3, expected less than 3");
  CHECK(match(R"({"a":4})", R"({"a":{"$lte":3}})") == "a is 4, expected at most 3");
  CHECK(match(R"({"a":4})", R"({"a":{"$gt":3,"$lt":5}})") == "");
  CHECK(match(R"({"cpu":"100m"})", R"({"cpu":{"$lt":"1"}})") == "");
  CHECK(match(R"({"cpu":"1500m"})", R"({"cpu":{"$lt":1}})") == R"(cpu is "1500m", expected less than 1)");
  CHECK(match(R"({"memory":"1Gi"})", R"({"memory":{"$gt":"1000Mi"}})") == "");
  CHECK(match(R"({"at":"2026-01-01T00:00:05Z"})", R"({"at":{"$gt":"2026-01-01T00:00:04.5Z"}})") == "");
  CHECK(match(R"({"at":"2026-01-01T00:00:05Z"})", R"({"at":{"$gt":"2026-01-01T01:00:05+01:00"}})") ==
        R"(at is "2026-01-01T00:00:05Z", expected more than "2026-01-01T01:00:05+01:00")");
  CHECK(match(R"({"a":"soon"})", R"({"a":{"$gt":3}})") == R"(a is "soon", which cannot be compared with 3)");
  CHECK(match(R"({})", R"({"a":{"$gte":3}})") == "a is not set, expected at least 3");
}

TEST_CASE("other values, one of some, a regular expression") {
  CHECK(match(R"({"a":"x"})", R"({"a":{"$ne":"y"}})") == "");
  CHECK(match(R"({"a":"y"})", R"({"a":{"$ne":"y"}})") == R"(a is "y", expected anything else)");
  CHECK(match(R"({})", R"({"a":{"$ne":"y"}})") == "");
  CHECK(match(R"({"a":"y"})", R"({"a":{"$in":["x","y"]}})") == "");
  CHECK(match(R"({"a":"z"})", R"({"a":{"$in":["x","y"]}})") == R"(a is "z", expected one of "x", "y")");
  CHECK(match(R"({"a":"web-7f"})", R"({"a":{"$regex":"^web-[0-9a-f]+$"}})") == "");
  CHECK(match(R"({"a":"db-1"})", R"({"a":{"$regex":"^web"}})") == R"(a is "db-1", expected matching /^web/)");
  CHECK(match(R"({"a":1})", R"({"a":{"$regex":"1"}})") == "a is 1, expected a text");
}

TEST_CASE("existence and size") {
  CHECK(match(R"({"a":1})", R"({"a":{"$exists":true}})") == "");
  CHECK(match(R"({"a":1})", R"({"a":{"$exists":false}})") == "a is 1, expected nothing there");
  CHECK(match(R"({})", R"({"a":{"$exists":false}})") == "");
  CHECK(match(R"({"a":null})", R"({"a":{"$exists":true}})") == "a is not set, expected set");
  CHECK(match(R"({"a":[1,2]})", R"({"a":{"$size":2}})") == "");
  CHECK(match(R"({"a":[1]})", R"({"a":{"$size":2}})") == "a has 1 element, expected 2");
  CHECK(match(R"({"a":[1]})", R"({"a":{"$size":{"$gte":2}}})") == "a has 1 element, expected at least 2");
  CHECK(match(R"({"a":{"b":1,"c":2}})", R"({"a":{"$size":3}})") == "a has 2 members, expected 3");
  CHECK(match(R"({})", R"({"a":{"$size":0}})") == "");
}

TEST_CASE("every, some and no element") {
  const char* list = R"({"c":[{"n":"a","ready":true},{"n":"b","ready":false}]})";
  CHECK(match(list, R"({"c":{"$all":{"n":{"$exists":true}}}})") == "");
  CHECK(match(list, R"({"c":{"$all":{"ready":true}}})") == "c[1].ready is false, expected true");
  CHECK(match(list, R"({"c":{"$all":[{"n":"a"},{"ready":false}]}})") == "");
  CHECK(match(list, R"({"c":{"$any":{"ready":false}}})") == "");
  CHECK(match(list, R"({"c":{"$any":{"n":"z"}}})") == R"(c has no element like {"n":"z"})");
  CHECK(match(list, R"({"c":{"$none":{"n":"z"}}})") == "");
  CHECK(match(list, R"({"c":{"$none":{"n":"b"}}})") == R"(c[1] is like {"n":"b"}, expected none)");
  CHECK(match(R"({"c":3})", R"({"c":{"$all":1}})") == "c is 3, expected a list");
  CHECK(match(list, R"({"c":[{"ready":{"$ne":true}}]})") == "");
}

TEST_CASE("operators in words") {
  auto text = [](const char* pattern) { return describe_pattern(json::parse(pattern)); };
  CHECK(text(R"({"spec":{"replicas":{"$gte":3}}})") == "spec.replicas at least 3");
  CHECK(text(R"({"a":{"$gt":1,"$lte":5}})") == "a more than 1 and at most 5");
  CHECK(text(R"({"a":{"$any":{"n":"x"}}})") == "a with an element like n=x");
  CHECK(describe_count(json(3)) == "3");
  CHECK(describe_count(json::parse(R"({"$gte":3})")) == "at least 3");
}

TEST_CASE("wrong patterns are refused, with their place") {
  auto problem = [](const char* pattern) {
    auto found = check_pattern(json::parse(pattern));
    return found ? found->pointer + ": " + found->message : "";
  };
  CHECK(problem(R"({"a":{"$gte":3},"b":[{"$in":["x"]}]})") == "");
  CHECK(problem(R"({"a":{"$gtt":3}})") ==
        "/a/$gtt: unknown operator \"$gtt\" (known: $all, $any, $exists, $gt, $gte, $in, $lt, $lte, $ne, $none, "
        "$regex, $size)");
  CHECK(problem(R"({"a":[{"$gt":1,"b":2}]})") == "/a/0/$gt: \"$gt\" cannot stand beside plain keys");
  CHECK(problem(R"({"a":{"$gt":"soon"}})") == "/a/$gt: $gt takes a number, a quantity or a time, it is \"soon\"");
  CHECK(problem(R"({"a":{"$regex":"("}})") == "/a/$regex: \"(\" is no regular expression (ECMAScript)");
  CHECK(problem(R"({"a":{"$exists":1}})") == "/a/$exists: $exists takes true or false, it is 1");
  CHECK(problem(R"({"a/b":{"$in":[]}})") == "/a~1b/$in: $in takes a list with something in it");
  CHECK(check_count(json(-1)) == "must not be negative");
  CHECK(check_count(json("x")) == "must be a whole number or operators like {$gte: 3}, it is \"x\"");
  CHECK(check_count(json::parse(R"({"$gte":1,"$lte":3})")) == "");
}

}  // namespace
}  // namespace kubeloop::simulator
