// The parameters of a scenario: combinations, substitution with types and places, --set.
#include <doctest/doctest.h>

#include "simulator/scenario/matrix.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kText = R"(apiVersion: kubeloop.dev/v1
kind: Scenario
metadata: {name: web, labels: {image: "${image}"}}
spec:
  matrix: {replicas: [3, 30], image: [a, b]}
  steps:
  - scale: {object: "deployment/default/${image}", replicas: "${replicas}"}
  - apply: {inline: {apiVersion: v1, kind: Pod, metadata: {name: "x-${image}-${replicas}"}, note: "$${image}"}}
)";

std::string error_of(const std::string& text, const Settings& settings = {}) {
  auto scenarios = parse_scenarios("x.yaml", text, settings);
  return scenarios ? "" : scenarios.error().message;
}

std::string with_matrix(const std::string& matrix, const std::string& step = "sleep: 1s") {
  return "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n  matrix: " + matrix +
         "\n  steps:\n  - " + step + "\n";
}

TEST_CASE("every combination is a scenario") {
  auto scenarios = parse_scenarios("x.yaml", kText, {});
  REQUIRE_MESSAGE(scenarios.has_value(), scenarios.error().message);
  REQUIRE(scenarios->size() == 4);
  CHECK((*scenarios)[0].name == "web[image=a,replicas=3]");
  CHECK((*scenarios)[1].name == "web[image=a,replicas=30]");
  CHECK((*scenarios)[3].name == "web[image=b,replicas=30]");
  CHECK((*scenarios)[3].labels.at("image") == "b");
  const auto& scale = std::get<ScaleStep>((*scenarios)[1].steps[0].action);
  CHECK(scale.replicas == 30);  // a number, since the value was one
  CHECK(scale.object.name == "a");
  const auto& pod = std::get<ApplyStep>((*scenarios)[2].steps[1].action).objects[0];
  CHECK(pod["metadata"]["name"] == "x-b-3");
  CHECK(pod["note"] == "${image}");
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  CHECK((*scenarios)[2].parameters == Parameters{{"image", "b"}, {"replicas", "3"}});
  CHECK(parse_scenario("x.yaml", kText).error().message.find("has 4 combinations") != std::string::npos);
}

TEST_CASE("--set fixes a parameter, also to a value that is not listed") {
  auto one = parse_scenarios("x.yaml", kText, {{"replicas", "5"}, {"image", "b"}, {"unknown", "x"}});
  REQUIRE(one.has_value());
  REQUIRE(one->size() == 1);
  CHECK(one->front().name == "web[image=b,replicas=5]");
  CHECK(std::get<ScaleStep>(one->front().steps[0].action).replicas == 5);
}

TEST_CASE("a file without a matrix keeps its ${...}") {
  auto scenario = parse_scenario("x.yaml",
                                 "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: \"${x}\"}\nspec:\n"
                                 "  steps: [{sleep: 1s}]\n");
  REQUIRE(scenario.has_value());
  CHECK(scenario->name == "${x}");
}

TEST_CASE("refusals have their place in the file") {
  CHECK(error_of(with_matrix("[a]")).starts_with("x.yaml:5:11: \"matrix\" is a mapping"));
  CHECK(error_of(with_matrix("{a: 3}")).starts_with("x.yaml:5:15: \"a\" needs a list of values"));
  CHECK(error_of(with_matrix("{a: []}")).starts_with("x.yaml:5:15: "));
  CHECK(error_of(with_matrix("{a: [{}]}")).starts_with("x.yaml:5:15: "));
  CHECK(error_of(with_matrix("{1a: [x]}")).starts_with("x.yaml:5:12: \"1a\" is no name for a parameter"));
  CHECK(error_of(with_matrix("{a: [1]}", "sleep: \"${b}\"")).starts_with("x.yaml:7:12: ${b} is no parameter"));
  // What is put in is checked as if it stood there.
  CHECK(error_of(with_matrix("{a: [1s, soon]}", "sleep: \"${a}\"")).starts_with("x.yaml:7:12: "));
  std::string many = "{a: [";
  for (int i = 0; i < 101; ++i) many += (i > 0 ? "," : "") + std::to_string(i);
  CHECK(error_of(with_matrix(many + "]}")).find("more than 100 combinations") != std::string::npos);
}

}  // namespace
}  // namespace kubeloop::simulator
