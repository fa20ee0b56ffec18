// Partial match: objects by their members, lists in order, scalars by value; and what the reader is told.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "simulator/checks/match.hpp"

namespace kubeloop::simulator {
namespace {

std::string match(const char* document, const char* pattern) {
  return match_partially(nlohmann::json::parse(document), nlohmann::json::parse(pattern));
}

TEST_CASE("what is there matches") {
  CHECK(match(R"({"a":1,"b":{"c":"x","d":2}})", R"({"b":{"c":"x"}})") == "");
  CHECK(match(R"({"a":[{"k":1,"v":2},{"k":3}]})", R"({"a":[{"k":3}]})") == "");
  CHECK(match(R"({"a":[1,2,3]})", R"({"a":[1,3]})") == "");
  CHECK(match(R"({"a":[1]})", R"({"a":[]})") == "");
  CHECK(match(R"({"a":1})", R"({"b":null})") == "");
}

TEST_CASE("what differs is named") {
  CHECK(match(R"({"status":{"phase":"Pending"}})", R"({"status":{"phase":"Running"}})") ==
        R"(status.phase is "Pending", expected "Running")");
  CHECK(match(R"({"a":{}})", R"({"a":{"b":1}})") == "a.b is not set, expected 1");
  CHECK(match(R"({"a":[1,2,3]})", R"({"a":[3,1]})") == "a has no element like 1");
  CHECK(match(R"({"a":[]})", R"({"a":[1]})") == "a has no element like 1");
  CHECK(match(R"({"a":[{"k":1}]})", R"({"a":[{"k":2}]})") ==
        R"(a has no element like {"k":2} (a[0].k is 1, expected 2))");
  CHECK(match(R"({"a":7})", R"({"a":{"b":1}})") == "a is 7, expected an object");
  CHECK(match(R"({"a":1})", R"({"a":null})") == "a is 1, expected null");
}

TEST_CASE("a pattern for people") {
  auto text = [](const char* pattern) { return describe_pattern(nlohmann::json::parse(pattern)); };
  CHECK(text(R"({"status":{"phase":"Running","replicas":3},"spec":{"nodeName":null}})") ==
        "spec.nodeName unset, status.phase=Running, status.replicas=3");
  CHECK(text(R"({"status":{"conditions":[{"type":"Ready","status":"True"},{"type":"X"}]}})") ==
        "status.conditions[status=True, type=Ready], status.conditions[type=X]");
  CHECK(text(R"({"metadata":{"finalizers":["a/b"],"annotations":{"kubeloop.dev/run":""}}})") ==
        "metadata.annotations.\"kubeloop.dev/run\"=\"\", metadata.finalizers[a/b]");
  CHECK(text(R"({"endpoints":[{}],"x":[]})") == "endpoints[{}], x=[]");
}

}  // namespace
}  // namespace kubeloop::simulator
