// Step texts and failures about Secrets: the fields are named, the values are not told.
#include <doctest/doctest.h>

#include "simulator/checks/match.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/scenario/secret_text.hpp"

namespace kubeloop::simulator {
namespace {

TEST_CASE("a pattern about a Secret names fields only") {
  auto pattern = nlohmann::json::parse(
      R"({"type":"Opaque","data":{"a":"c2VjcmV0","gone":null},"stringData":{"b":"secret"},
          "metadata":{"labels":{"x":"y"}}})");
  for (const char* kind : {"secret", "secrets", "Secret"}) {
    CHECK(describe_pattern(without_secret_values(kind, pattern)) ==
          "data.a=(hidden), data.gone unset, metadata.labels.x=y, stringData.b=(hidden), type=Opaque");
  }
  CHECK(without_secret_values("configmap", pattern) == pattern);
  CHECK(without_secret_values("no-such-kind", pattern) == pattern);
  auto whole = without_secret_values("secret", nlohmann::json::parse(R"({"data":"secret"})"));
  CHECK(whole["data"] == "(hidden)");
}

TEST_CASE("a problem about a Secret names the field only") {
  auto problem = [](const char* kind, const char* object, const char* pattern) {
    return without_secret_values(kind, match_partially(nlohmann::json::parse(object), nlohmann::json::parse(pattern)));
  };
  CHECK(problem("secret", R"({"data":{"tls.key":"c2VjcmV0"}})", R"({"data":{"tls.key":"x"}})") ==
        "data.tls.key is not as expected (the values of Secrets are not shown)");
  CHECK(problem("secrets", R"({"data":{"a":"c2VjcmV0"}})", R"({"data":{"b":"c2VjcmV0"}})") ==
        "data.b is not as expected (the values of Secrets are not shown)");
  CHECK(problem("secret", R"({"type":"Opaque"})", R"({"type":"x"})") == R"(type is "Opaque", expected "x")");
  CHECK(problem("secret", R"({"data":{"a":"x"}})", R"({"data":{"a":"x"}})") == "");
  CHECK(problem("configmap", R"({"data":{"a":"x"}})", R"({"data":{"a":"y"}})") == R"(data.a is "x", expected "y")");
}

TEST_CASE("a scenario's steps tell no secret") {
  auto scenario = parse_scenario("s.yaml", R"(apiVersion: kubeloop.dev/v1
kind: Scenario
metadata: {name: s}
spec:
  steps:
  - patch: {object: secret/default/pw, with: {stringData: {password: hunter2}}}
  - assert: {object: secret/default/pw, matches: {data: {password: aHVudGVyMg==}}}
  - wait: {objects: secrets, count: 1, matches: {data: {password: aHVudGVyMg==}}, within: 1s}
)");
  REQUIRE(scenario);
  CHECK(scenario->steps[0].text == "patch secret/default/pw: stringData.password=(hidden)");
  CHECK(scenario->steps[1].text == "assert that secret/default/pw has data.password=(hidden)");
  CHECK(scenario->steps[2].text == "wait until 1 secrets in default have data.password=(hidden), within 1s");
}

}  // namespace
}  // namespace kubeloop::simulator
